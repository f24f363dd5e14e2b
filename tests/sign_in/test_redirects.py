"""What a redirect does to a pending sign-in: it finishes it, ends it, or changes nothing."""

import re
from collections.abc import Callable

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import IssuerMismatch, SignInDenied, SignInFailed, TokenRefused
from myid_notebook.sign_in.messages import Stage
from myid_notebook.sign_in.sign_in import SignIn


def test_redirect_signs_in(begin: Begin, sandbox: SandboxProcess) -> None:
    """The page says "Signed in" once there is a session that works, and names its operator."""
    login = begin()

    page = open_page(redirect(login))

    assert (200, "Signed in to MyID") == (page.status, page.title)
    assert login.wait(10)
    assert "Jane Doe" == str(login.result().operator)
    assert 200 == login.session.get("people", params={"q": "jo"}).status_code
    assert {"jane.doe": 1} == sandbox.status()["tokens_issued"]


REFUSED = "This response was rejected"
UNKNOWN = "This sign-in link is no longer active"


@pytest.mark.parametrize(
    ("spoil", "title"),
    [
        pytest.param(lambda url: re.sub("state=[^&]*", "state=other", url), UNKNOWN, id="wrong"),
        pytest.param(lambda url: re.sub("state=[^&]*", "", url), REFUSED, id="missing"),
        pytest.param(lambda url: f"{url}&code=other", REFUSED, id="code twice"),
        pytest.param(lambda url: re.sub("code=[^&]*", "", url), REFUSED, id="no code"),
        pytest.param(lambda url: url + "&a=" + "1" * 40_000, "", id="too long"),
    ],
)
def test_answer_of_no_sign_in_changes_nothing(
    begin: Begin, sandbox: SandboxProcess, spoil: Callable[[str], str], title: str
) -> None:
    """A wrong, missing or repeated state or code is refused; the right answer still works."""
    login = begin()
    right = redirect(login)

    page = open_page(spoil(right))

    assert (True, title) == (400 <= page.status < 500, page.title)
    assert Stage.WAITING is login.stage
    assert 0 == sandbox.status()["token_requests"]
    assert "Signed in to MyID" == open_page(right).title


@pytest.mark.parametrize(
    ("faults", "error", "codes_sent"),
    [
        ({"denied": True}, SignInDenied, 0),
        ({"iss": "https://evil.example/web.oauth2"}, IssuerMismatch, 0),
        ({"code_lifetime": 0}, TokenRefused, 1),
    ],
)
def test_bad_news_ends_the_sign_in(
    begin: Begin,
    sandbox: SandboxProcess,
    faults: dict[str, object],
    error: type[SignInFailed],
    codes_sent: int,
) -> None:
    """A denial, another issuer or an expired code ends it; page and error say the same. A code of
    another issuer is sent nowhere (RFC 9207).
    """
    sandbox.faults(**faults)
    login = begin()

    page = open_page(redirect(login))

    assert "Not signed in" == page.title
    assert login.wait(10)
    with pytest.raises(error) as caught:
        login.result()
    assert str(caught.value)[:100] in page.text
    assert not login.session.signed_in
    assert codes_sent == sandbox.status()["token_requests"]


@pytest.mark.parametrize("pasted", [False, True])
@pytest.mark.parametrize(("dialect", "fragment"), [("is4", "#_=_"), ("duende", "#_")])
def test_either_dialect(
    begin: Begin, sandbox: SandboxProcess, dialect: str, fragment: str, *, pasted: bool
) -> None:
    """Whichever library MyID stands on: its errors end a sign-in, in spite of their fragment, and
    its codes sign in, with an issuer beside them or without.
    """

    def deliver(login: SignIn) -> str:
        url = redirect(login)
        if pasted:
            login.paste(url)
        else:
            open_page(url)
        assert login.wait(10)
        return url

    sandbox.faults(dialect=dialect, denied=True)
    denied = begin()
    assert deliver(denied).endswith(fragment)
    with pytest.raises(SignInDenied, match="access_denied"):
        denied.result()
    sandbox.faults(denied=False)
    login = begin()
    assert ("iss=" in deliver(login)) == (dialect == "duende")
    assert "Jane Doe" == str(login.result().operator)
