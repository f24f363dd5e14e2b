"""The check of a redirect: repeated parameter, state, issuer, error, code, in this order."""

from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.values.oauth import ISSUER, STATE, authorization_request
from support.values.secrets import found

from myid_notebook.errors import IssuerMismatch, RedirectRefused, SignInDenied

CODE = "0123456789abcdef"
GOOD = {"code": CODE, "state": STATE}


def _in_base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_code_of_a_good_redirect() -> None:
    """The code comes out, as a string that does not show itself."""
    code = authorization_request().parse_redirect(urlencode(GOOD))

    assert CODE == str(code)
    assert "'********'" == repr(code)


@pytest.mark.parametrize("extra", ["scope", "session_state", "redirects", "odd name", ""])
def test_extra_parameters_are_ignored(extra: str) -> None:
    """Servers add parameters of their own (RFC 6749 section 4.1.2)."""
    query = urlencode({**GOOD, extra: "1", "iss": ISSUER})

    assert CODE == authorization_request().parse_redirect(query)


@pytest.mark.parametrize("name", ["code", "state", "iss", "error", "anything"])
def test_repeated_parameter_is_refused_first(name: str) -> None:
    """No parameter twice (RFC 6749 section 3.1), not even with one value, not even with errors."""
    query = urlencode([*GOOD.items(), ("iss", "https://evil"), ("error", "x"), (name, "1")] * 2)

    with pytest.raises(RedirectRefused, match="malformed"):
        authorization_request().parse_redirect(query)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": ""},
        {"state": STATE[:-1]},
        {"state": STATE + "x"},
        {"state": STATE.upper()},
        {"state": "ä"},
        {"state": "\x00"},
        {"state": "x", "error": "access_denied"},
        {"state": "x", "iss": "https://evil.example"},
    ],
)
def test_wrong_state_is_refused_before_issuer_and_error(changes: dict[str, str]) -> None:
    """Somebody else's redirect says nothing about this sign-in, which goes on waiting."""
    with pytest.raises(RedirectRefused, match="its state does not match"):
        authorization_request().parse_redirect(urlencode({**GOOD, **changes}))


@pytest.mark.parametrize("query", [f"code={CODE}", f"code={CODE}&state=\ud800"])
def test_missing_or_broken_state_is_refused(query: str) -> None:
    """Absence is not agreement; half a character, which a terminal may paste, is no crash."""
    with pytest.raises(RedirectRefused, match="its state does not match"):
        authorization_request().parse_redirect(query)


@pytest.mark.parametrize("error", [{}, {"error": "access_denied"}])
@pytest.mark.parametrize(
    "issuer",
    ["", "https://evil.example", f"{ISSUER}/", ISSUER.upper(), ISSUER[:-1], f"{ISSUER} "],
)
def test_wrong_issuer_is_refused_before_the_error(issuer: str, error: dict[str, str]) -> None:
    """``iss`` must equal the issuer, character for character (RFC 9207 section 2.4)."""
    with pytest.raises(IssuerMismatch, match="MYID_ISSUER"):
        authorization_request().parse_redirect(urlencode({**GOOD, **error, "iss": issuer}))


@pytest.mark.parametrize(
    ("issuer", "accepted"),
    [
        ("https://h.example", True),
        ("https://h.example/", True),
        ("https://h.example/as", True),
        ("https://h.example/as/authorize", True),
        ("https://h.example/as/author", False),
        ("https://h.example/other", False),
        ("https://h.exam", False),
        ("https://h.exampleX", False),
        ("https:", False),
        ("https://", False),
        ("/", False),
        ("", False),
        ("http://h.example", False),
    ],
)
def test_unknown_issuer_must_lead_to_the_authorize_url(issuer: str, accepted: bool) -> None:  # noqa: FBT001 - a column of the table
    """Without a known issuer, ``iss`` must be a server or folder of the authorize URL."""
    request = authorization_request(authorize_url="https://h.example/as/authorize", issuer=None)
    query = urlencode({**GOOD, "iss": issuer})

    if accepted:
        assert CODE == request.parse_redirect(query)
    else:
        with pytest.raises(IssuerMismatch):
            request.parse_redirect(query)


@pytest.mark.parametrize(("issuer", "named"), [(ISSUER, ISSUER), (None, "the authorize URL")])
def test_wrong_issuer_is_told_beside_the_right_one(issuer: str | None, named: str) -> None:
    """Whoever compares the two, or sets the issuer to what came, sees all of it."""
    came = "https://myid-production.identity.long-company-name.example.com/web.oauth2"
    query = urlencode({**GOOD, "iss": came})

    with pytest.raises(IssuerMismatch, match=f"{came}.*you were sent to .*{named}"):
        authorization_request(issuer=issuer).parse_redirect(query)


@pytest.mark.parametrize("beside", [GOOD, {"state": STATE}])
@pytest.mark.parametrize("error", ["access_denied", "server_error", "odd one"])
def test_error_is_told_with_its_code(error: str, beside: dict[str, str]) -> None:
    """An error is told, beside a code or alone, with the server's words for it and what to do; only
    a refusal is called one.
    """
    query = urlencode({**beside, "error": error, "error_description": "Ask Ann.\r\nNow"})

    with pytest.raises(SignInDenied) as caught:
        authorization_request().parse_redirect(query)

    assert error == caught.value.error
    assert f"{error} (Ask Ann. Now). Sign in again" in str(caught.value)
    assert (error == "access_denied") == ("cancelled or refused" in str(caught.value))


def test_empty_error_is_an_error() -> None:
    """``error=`` is an answer of a confused server, never a success."""
    with pytest.raises(SignInDenied, match="an empty error"):
        authorization_request().parse_redirect(urlencode({**GOOD, "error": ""}))


@pytest.mark.parametrize("query", ["code=%FF", "&".join(f"p{n}=" for n in range(51))])
def test_malformed_answer_is_refused(query: str) -> None:
    """What cannot be read harms nothing, and says that the sign-in goes on."""
    with pytest.raises(RedirectRefused, match=r"malformed.*Open the sign-in link"):
        authorization_request().parse_redirect(f"state={STATE}&{query}")


@pytest.mark.parametrize("query", [f"state={STATE}", f"state={STATE}&code="])
def test_missing_code_is_refused(query: str) -> None:
    """Neither code nor error: nothing happened."""
    with pytest.raises(RedirectRefused, match="neither a code nor an error"):
        authorization_request().parse_redirect(query)


@given(st.text() | st.text("%&=+;0aF\ud800\n stdcoe", max_size=40).map(lambda t: f"{t}&state=x"))
def test_no_query_crashes_the_check(query: str) -> None:
    """Whatever arrives, the answer is one of the declared errors."""
    for request in (authorization_request(), authorization_request(issuer=None)):
        with pytest.raises((RedirectRefused, SignInDenied, IssuerMismatch)):
            request.parse_redirect(query)


parameters = st.dictionaries(
    st.sampled_from(["error", "error_description", "iss", "scope", "error_uri"]),
    st.text() | st.just(f"state {STATE} code {CODE}"),
)


@given(parameters)
def test_checks_say_nothing_but_their_errors(extra: dict[str, str]) -> None:
    """With the right state, too, every parameter may hold anything; a message is one line."""
    said = CODE
    try:
        query = urlencode({**GOOD, **extra}, errors="replace")
        said = str(authorization_request().parse_redirect(query))
    except (SignInDenied, IssuerMismatch) as error:
        said = str(error)

    assert 1 == len(said.splitlines())
    assert len(said) < 800


def test_echoed_code_and_state_are_not_told() -> None:
    """A server that repeats what it was sent in its error does not put that into a message."""
    query = urlencode({**GOOD, "error": CODE, "error_description": f"bad {CODE} of {STATE}"})

    with pytest.raises(SignInDenied) as caught:
        authorization_request().parse_redirect(query)

    assert CODE not in f"{caught.value} {caught.value.error}"
    assert STATE not in str(caught.value)


@pytest.mark.parametrize("encode", [str, quote, lambda text: quote(quote(text)), _in_base64])
def test_issuer_that_holds_what_is_hidden(encode: Callable[[str], str]) -> None:
    """Code and state are not shown where ``iss`` says them again."""
    for hidden in (STATE, CODE):
        query = urlencode({**GOOD, "iss": f"https://evil.example/{encode(hidden)}"})

        with pytest.raises(IssuerMismatch, match="The response came from") as caught:
            authorization_request().parse_redirect(query)
        assert [] == found({"hidden": hidden}, str(caught.value))
