"""Proof Key for Code Exchange (RFC 7636)."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth2 import WebApplicationClient

from myid_notebook.oauth.authorization import code_challenge

UNRESERVED = string.ascii_letters + string.digits + "-._~"
verifiers = st.text(UNRESERVED, min_size=43, max_size=128)


def test_vector_of_the_rfc() -> None:
    """RFC 7636 appendix B."""
    assert "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" == code_challenge(
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )


@given(verifiers)
def test_challenge_equals_the_oracles(verifier: str) -> None:
    """Oauthlib computes the same challenge of every verifier."""
    oracle = WebApplicationClient("c").create_code_challenge(verifier, "S256")

    assert oracle == code_challenge(verifier)


@given(verifiers)
def test_challenge_fits_into_a_url_as_it_is(verifier: str) -> None:
    """A challenge is 43 unreserved characters: 256 bits without padding."""
    challenge = code_challenge(verifier)

    assert 43 == len(challenge)
    assert set(challenge) <= set(UNRESERVED)


@pytest.mark.parametrize(
    "verifier",
    ["", "a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "=", "a" * 42 + " ", "a" * 42 + "ä"],
)
def test_malformed_verifier_is_refused(verifier: str) -> None:
    """43 to 128 unreserved characters, nothing else (section 4.1); the text does not repeat it."""
    with pytest.raises(ValueError, match="43 to 128") as caught:
        code_challenge(verifier)

    assert not verifier or verifier not in str(caught.value)
