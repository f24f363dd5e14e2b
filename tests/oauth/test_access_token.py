"""What an access token says of itself (RFC 7519), read without trust."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myid_notebook.oauth.token_response import claims, token_from_elsewhere


def jwt(payload: bytes) -> str:
    """Return a token with a payload of any content."""
    return f"e30.{urlsafe_b64encode(payload).rstrip(b'=').decode()}.c2ln"


@given(st.dictionaries(st.text(), st.integers() | st.text()))
def test_claims_of_a_jwt(members: dict[str, object]) -> None:
    """The payload comes back as it went in, whatever padding it needs."""
    assert members == claims(jwt(json.dumps(members).encode()))


@given(st.text() | st.binary().map(jwt) | st.text(".eyJ=-_", max_size=30))
def test_other_tokens_say_nothing(token: str) -> None:
    """A token of any other kind is opaque, never an error."""
    assert isinstance(claims(token), dict)


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"5", b"\xff", b"[" * 50_000, b"9" * 9_999, b'{"a":1}x']
)
def test_payload_that_is_no_object(payload: bytes) -> None:
    """A payload of another form says nothing."""
    assert {} == claims(jwt(payload))


def test_subject_and_expiry() -> None:
    """``sub`` is the person's MyID id, ``exp`` the expiry where nothing else tells it."""
    token = token_from_elsewhere(jwt(b'{"sub": "8F1D", "exp": 2000000000}'))

    assert ("8F1D", 2_000_000_000.0) == (token.subject, token.expires_at)


@pytest.mark.parametrize("claim", ['"sub": ""', '"sub": 5', '"sub": null', '"exp": "x"'])
def test_senseless_claims_are_unknown(claim: str) -> None:
    """A claim of another type is as good as none."""
    token = token_from_elsewhere(jwt(f"{{{claim}}}".encode()))

    assert (None, None) == (token.subject, token.expires_at)


@pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "ä", "a\x7f"])
def test_text_that_is_no_token(token: str) -> None:
    """A token is visible ASCII (RFC 6750 section 2.1)."""
    with pytest.raises(ValueError, match="not a token"):
        token_from_elsewhere(token)
