"""Proof Key for Code Exchange (RFC 7636)."""

import string

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
