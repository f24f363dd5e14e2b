"""The answer of the token endpoint: tolerant where servers differ, strict on what matters."""

import json
from base64 import urlsafe_b64encode
from typing import cast

import pytest

from myid_notebook.errors import TokenEndpointError, TokenRefused
from myid_notebook.oauth.token_response import TokenResponse, parse_token_response
from myid_notebook.secret import Secret

GOOD = {"access_token": "opaque!token~", "token_type": "Bearer", "expires_in": 3600}
SENT_AT = 1_000_000.0


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"token_type": "bearer"},
        {"token_type": "BEARER"},
        {"scope": "myid.rest.basic"},
        {"scope": ["a", "b"]},
        {"refresh_token": "nobody asked"},
        {"id_token": None, "anything": {"deep": []}},
        {"expires_in": "3600"},
        {"expires_in": 3600.0},
        {"error": None},
    ],
)
def test_answers_of_many_servers(changes: dict[str, object]) -> None:
    """Each of these was seen on some server, and is a token for an hour."""
    token = _parse({**GOOD, **changes})

    assert "opaque!token~" == str(token.access_token)
    assert SENT_AT + 3600 == token.expires_at
    assert token.subject is None


@pytest.mark.parametrize("lifetime", [0, 0.5, "0"])
def test_shortest_lifetime_is_a_known_one(lifetime: float | str) -> None:
    """A token that ends at once is not one that may last for ever."""
    assert SENT_AT + float(lifetime) == _parse({**GOOD, "expires_in": lifetime}).expires_at


@pytest.mark.parametrize("status", [200, 201, 299])
def test_token_with_any_success(status: int) -> None:
    """Any success is one."""
    assert "opaque!token~" == _parse(GOOD, status=status).access_token


@pytest.mark.parametrize(
    "expires_in",
    [
        *(None, True, -1, "soon", "", "-5", [], {}, "9" * 5_000),
        *(10**400, 10**12, float("nan"), float("inf")),
    ],
)
def test_senseless_lifetime_is_an_unknown_one(expires_in: object) -> None:
    """A lifetime that is none does not spoil the token."""
    assert _parse({**GOOD, "expires_in": expires_in}).expires_at is None


def test_lifetime_counts_from_the_request() -> None:
    """A slow answer never makes a token look fresher than it is."""
    body = json.dumps({**GOOD, "expires_in": 10}).encode()

    assert 510.0 == parse_token_response(200, body, requested_at=500.0).expires_at


@pytest.mark.parametrize("token", [None, "", 5, ["t"], {"t": 1}])
def test_answer_without_token_is_none(token: object) -> None:
    """No ``access_token``, no sign-in."""
    with pytest.raises(TokenEndpointError, match="contains no access token"):
        _parse({**GOOD, "access_token": token})


@pytest.mark.parametrize("token", ["a b", "line\r\nX-Header: 1", "tökén", "\x00"])
def test_token_that_no_header_takes_is_refused(token: str) -> None:
    """A token is visible ASCII (RFC 6750 section 2.1): nothing can be smuggled into a header."""
    with pytest.raises(TokenEndpointError, match="access token is malformed"):
        _parse({**GOOD, "access_token": token})


@pytest.mark.parametrize("token_type", [None, "", "mac", "DPoP", "bearer ", 1, ["Bearer"]])
def test_other_types_of_token_are_refused(token_type: object) -> None:
    """A client must not use a token whose type it does not know (RFC 6749 section 7.1)."""
    with pytest.raises(TokenEndpointError, match="not a bearer token"):
        _parse({**GOOD, "token_type": token_type})


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"  ", b"[]", b"null", b'"text"', b"5", b"<html>", b"\xff\xfe\xff", b'{"a"'),
        *(b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_other_bodies_are_not_of_a_token_endpoint(body: bytes, status: int) -> None:
    """Whatever the status, the message names the setting to check."""
    with pytest.raises(TokenEndpointError, match="MYID_TOKEN_URL"):
        parse_token_response(status, body, SENT_AT)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b" ", "and an empty body, so"),
        (b"<html>", "and something that is not a JSON object, so"),
        (b'{"message": "out of order"}', "and an unexpected JSON object, so"),
    ],
)
def test_what_came_instead_is_told(body: bytes, words: str) -> None:
    """Whoever looks for the fault learns what the token URL answered."""
    with pytest.raises(TokenEndpointError, match=words):
        parse_token_response(500, body, SENT_AT)


@pytest.mark.parametrize("error", [5, [], {}, False, ["invalid_grant"]])
def test_token_beside_an_error_of_any_form_is_none(error: object) -> None:
    """An error that is no text is still one."""
    with pytest.raises(TokenEndpointError):
        _parse({**GOOD, "error": error})


@pytest.mark.parametrize("status", [199, 300, 301, 302, 404, 500, 503])
def test_token_of_a_failure_is_none(status: int) -> None:
    """What comes with a failure or a redirect is not used."""
    with pytest.raises(TokenEndpointError, match=f"HTTP {status}"):
        _parse(GOOD, status=status)


@pytest.mark.parametrize("status", [299, 300, 399, 400])
def test_redirect_is_called_one(status: int) -> None:
    """It has another cause, and another remedy, than an answer of another server."""
    with pytest.raises(TokenEndpointError) as caught:
        _parse({}, status=status)

    assert (status in {300, 399}) == ("redirect" in str(caught.value))


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize("error", ["invalid_client", "invalid_grant", "not_in_any_rfc"])
def test_oauth_error_of_any_status(error: str, status: int) -> None:
    """The same fault comes as 400, 401 or 403, with codes that no RFC registers."""
    with pytest.raises(TokenRefused) as caught:
        _parse({"error": error, "error_description": "Said Ann"}, status=status)

    assert (error, status) == (caught.value.error, caught.value.status)
    assert f"{error} (Said Ann), HTTP {status}" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("invalid_client", "MYID_CLIENT_SECRET"),
        ("invalid_grant", "already used or has expired"),
        ("unauthorized_client", "AllowedGrantTypes"),
        ("invalid_scope", "MYID_SCOPE"),
        ("server_error", "your MyID administrator"),
    ],
)
def test_error_names_its_remedy(error: str, words: str) -> None:
    """Each error says what to do, and by whom."""
    with pytest.raises(TokenRefused, match=words):
        _parse({"error": error}, status=400)


@pytest.mark.parametrize(("hours", "exp"), [(-2, 600), (0, 600), (2, 600), (2, 0)])
def test_lifetime_from_claims(hours: int, exp: int) -> None:
    """Without expires_in, the life is that of the claims, whatever MyID's clock says."""
    issued_at = int(SENT_AT) + hours * 3600
    claims = json.dumps({"iat": issued_at, "exp": issued_at + exp}).encode()
    token = f"e30.{urlsafe_b64encode(claims).decode().rstrip('=')}.e30"

    read = _parse({"access_token": token, "token_type": "Bearer"})

    assert (SENT_AT + exp, exp) == (read.expires_at, read.lifetime)


@pytest.mark.parametrize("description", [{}, {"error_description": ""}, {"error_description": 5}])
@pytest.mark.parametrize(("error", "said"), [("e", "e"), ("", "an empty error")])
def test_error_without_words_stands_alone(
    error: str, said: str, description: dict[str, object]
) -> None:
    """A server that explains nothing is not quoted with nothing."""
    with pytest.raises(TokenRefused, match=f": {said}, HTTP 400"):
        _parse({"error": error, **description}, status=400)


@pytest.mark.parametrize(
    "members",
    [
        {"error": "invalid_grant"},
        {},
        {**GOOD, "access_token": ""},
        {**GOOD, "token_type": "mac"},
        {**GOOD, "access_token": "a b"},
    ],
)
def test_every_failure_ends_with_what_to_do(members: dict[str, object]) -> None:
    """The code is spent, whatever the answer is."""
    with pytest.raises((TokenRefused, TokenEndpointError), match=r" Sign in again\.$"):
        parse_token_response(200, json.dumps(members).encode(), SENT_AT)


def test_representation_shows_no_token() -> None:
    """A token may be shown without giving it away."""
    plain = cast("Secret", "opaque!token~")  # the class alone keeps it, whatever it was given
    by_hand = TokenResponse(access_token=plain, expires_at=None, subject=None)

    assert "opaque!token~" not in f"{_parse(GOOD)!r} {by_hand!r}"


def _parse(members: dict[str, object], status: int = 200) -> TokenResponse:
    return parse_token_response(status, json.dumps(members).encode(), SENT_AT)
