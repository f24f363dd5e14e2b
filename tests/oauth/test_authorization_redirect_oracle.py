"""The check of a redirect beside oauthlib's: never laxer, and stricter for three reasons only."""

from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from oauthlib.oauth2.rfc6749.parameters import parse_authorization_code_response
from support.values.oauth import ISSUER, STATE, authorization_request

from myid_notebook.errors import IssuerMismatch, RedirectRefused, SignInDenied

CODE = "0123456789abcdef"
Pairs = list[tuple[str, str]]

names = st.sampled_from(["code", "state", "iss", "error", "error_description", "scope", "", "Code"])
values = st.sampled_from([CODE, STATE, ISSUER, "", "access_denied", " ", "+", "ä", "&", "%"])
pairs_of_any_kind = st.lists(st.tuples(names, values | st.text(max_size=5)), max_size=5)
pairs_much_like_an_answer = st.permutations([("code", CODE), ("state", STATE)]).flatmap(
    lambda good: st.lists(st.tuples(names, values), max_size=2).map(lambda more: [*good, *more])
)


def _repeats(pairs: Pairs) -> bool:
    return max(Counter(name for name, _ in pairs).values(), default=0) > 1


def _names_another_issuer(pairs: Pairs) -> bool:
    return dict(pairs).get("iss", ISSUER) != ISSUER


def _has_an_empty_error(pairs: Pairs) -> bool:
    return dict(pairs).get("error") == ""


STRICTER: dict[str, tuple[Callable[[Pairs], bool], type[Exception], str]] = {
    "repeated parameter": (_repeats, RedirectRefused, "malformed"),
    "another issuer": (_names_another_issuer, IssuerMismatch, "MYID_ISSUER"),
    "empty error": (_has_an_empty_error, SignInDenied, "an empty error"),
}
"""Why an answer that oauthlib takes is refused here, in the order of the checks: RFC 6749 section
3.1, RFC 9207 section 2.4, and an error that says nothing but is one."""


def _oracles_code(query: str) -> str | None:
    try:
        found = parse_authorization_code_response(f"https://localhost/?{query}", STATE)
    except OAuth2Error:
        return None
    return str(found["code"])


@given(pairs_much_like_an_answer | pairs_of_any_kind)
@example([("code", CODE), ("state", STATE)])
@example([("code", CODE), ("state", STATE), ("state", STATE)])
@example([("code", CODE), ("state", STATE), ("error", "")])
@example([("code", CODE), ("state", STATE), ("iss", "")])
@settings(max_examples=500)
def test_never_laxer_than_the_oracle(pairs: Pairs) -> None:
    """What is accepted the oracle accepts, with the same code; else there is a reason by name."""
    query = urlencode(pairs, errors="replace")
    expected = _oracles_code(query)
    reasons = [name for name, (applies, _, _) in STRICTER.items() if applies(pairs)]

    if expected is not None and not reasons:
        assert expected == authorization_request().parse_redirect(query)
    elif expected is not None:
        event(reasons[0])
        _, error, words = STRICTER[reasons[0]]
        with pytest.raises(error, match=words):
            authorization_request().parse_redirect(query)
    else:
        with pytest.raises((RedirectRefused, IssuerMismatch, SignInDenied)):
            authorization_request().parse_redirect(query)
