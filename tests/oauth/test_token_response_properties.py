"""Token answers of every content: never anything but a token or a declared error."""

import json
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from myid_notebook.errors import TokenEndpointError, TokenRefused
from myid_notebook.oauth.token_response import TokenResponse, parse_token_response
from myid_notebook.session.session import BearerSession

session = BearerSession("https://myid.example.com/rest.core/api/")

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


GOOD = {"access_token": "good-0815", "token_type": "Bearer", "expires_in": 3600, "scope": "api"}
"""An answer as MyID gives it."""

much_like_good = st.fixed_dictionaries(
    {},
    optional={
        "access_token": st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
        "token_type": st.sampled_from(["bearer", "BEARER", "mac"]),
        "expires_in": st.integers(0, 10**18) | st.sampled_from(["60", None]),
        "scope": st.text(max_size=9) | st.none(),
        "refresh_token": st.text(max_size=9),
        "error": st.none(),
        "more": json_values,
    },
).map(lambda odd: GOOD | odd)


def _ours(members: dict[str, object]) -> TokenResponse | TokenRefused | None:
    try:
        return parse_token_response(200, json.dumps(members).encode(), 0.0)
    except TokenRefused as error:
        return error
    except TokenEndpointError:
        return None


def _oracle(members: dict[str, object]) -> dict[str, object]:
    # Without a lifetime, whose odd values it does not take, and without an error that is null,
    # which it takes for one; of scopes it takes texts alone.
    left_out = {"expires_in", *(("error",) if members.get("error") is None else ())}
    left_out |= {"scope"} if not isinstance(members.get("scope"), str) else set()
    kept = {name: value for name, value in members.items() if name not in left_out}
    read = WebApplicationClient("c").parse_request_body_response(json.dumps(kept))
    return dict(read)


def test_what_is_accepted_the_oracle_accepts_too() -> None:
    """Oauthlib reads the same token and the same errors; we are the stricter of the two. Most of
    what is tried is accepted, so that there is something to compare.
    """
    seen: Counter[str] = Counter()

    @given(much_like_good | answers)
    @example(GOOD)
    @example({"error": "invalid_grant"})
    @settings(max_examples=200)
    def compare(members: dict[str, object]) -> None:
        ours = _ours(members)
        if isinstance(ours, TokenResponse):
            seen["accepted"] += 1
            assert ours.access_token == members["access_token"]
            assert ours.access_token == _oracle(members)["access_token"]
        elif ours is not None and ours.error in {"invalid_grant", "invalid_client"}:
            seen["refused"] += 1
            with pytest.raises(OAuth2Error) as caught:
                _oracle(members)
            assert caught.value.error == ours.error

    compare()

    assert seen["accepted"] >= 40
    assert seen["refused"] >= 1
