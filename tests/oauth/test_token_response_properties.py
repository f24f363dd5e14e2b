"""Token answers of every content: never anything but a token or a declared error."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from myid_notebook.errors import TokenEndpointError, TokenRefused
from myid_notebook.oauth.token_response import TokenResponse, parse_token_response
from myid_notebook.session import MyIDSession

SECRETS = ("the-code-0815", "82564d6e-c4a6-4f64-a6d4-cac43781c67c", "v" * 43)

session = MyIDSession("https://myid.example.com/rest.core/api/")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "access_token": st.just("opaque") | st.text() | json_values,
        "token_type": st.sampled_from(["Bearer", "bearer", "mac"]) | json_values,
        "expires_in": st.integers(0, 10**18) | json_values,
        "error": st.sampled_from(["invalid_grant", "invalid_client"]) | json_values,
        "error_description": json_values,
    },
)


@given(st.binary() | answers.map(lambda a: json.dumps(a).encode()), st.integers(100, 599))
def test_no_answer_crashes_the_parser(body: bytes, status: int) -> None:
    """A token that can be shown and counted down, or one of two errors."""
    try:
        session.sign_in(parse_token_response(status, body, 1.7e9))
    except (TokenRefused, TokenEndpointError) as error:
        said = str(error)
    else:
        assert isinstance(session.expires_in, float | None)
        said = repr(session)

    assert 1 == len(said.splitlines())


@given(st.sampled_from(SECRETS), st.text(max_size=30), st.integers(0, 3))
def test_echoed_secret_is_not_told(secret: str, around: str, where: int) -> None:
    """A server that repeats what it was sent does not put it into a message or attribute."""
    echo = f"{around}{secret}{around}"
    members = {"error": echo if where & 1 else "e", "error_description": echo}

    with pytest.raises(TokenRefused) as caught:
        parse_token_response(400, json.dumps(members).encode(), 0.0, hidden=SECRETS)

    assert secret not in f"{caught.value} {caught.value.error} {vars(caught.value)}"


@given(answers)
def test_what_is_accepted_the_oracle_accepts_too(members: dict[str, object]) -> None:
    """Oauthlib reads the same token and the same errors; we are the stricter of the two."""
    body = json.dumps(members).encode()
    try:
        ours: TokenResponse | TokenRefused | None = parse_token_response(200, body, 0.0)
    except TokenRefused as error:
        ours = error
    except TokenEndpointError:
        ours = None

    if isinstance(ours, TokenResponse):
        members.pop("expires_in", None)
        members.pop("error", None)  # null, which oauthlib takes for an error
        oracle = WebApplicationClient("c").parse_request_body_response(json.dumps(members))
        assert oracle["access_token"] == ours.access_token
    elif ours is not None and ours.error in {"invalid_grant", "invalid_client"}:
        members.pop("expires_in", None)
        with pytest.raises(OAuth2Error) as caught:
            WebApplicationClient("c").parse_request_body_response(json.dumps(members))
        assert caught.value.error == ours.error
