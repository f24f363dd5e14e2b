"""A network that fails in the middle of a sign-in: one line, nothing lost, and on with the next."""

import sys
from collections.abc import Iterator

import pytest
import requests
from support.callback_page import open_page
from support.pending import Begin, redirect
from support.sandbox_process import SandboxProcess
from support.socket_proxy import SocketProxy

from myid_notebook.errors import SignInFailed

BROKEN = "broke off the connection"
TOKEN_FAULTS = {
    "refused": BROKEN,
    "drop": BROKEN,
    "reset": BROKEN,
    "reset_midway": BROKEN,
    "half": BROKEN,
    "too_long": BROKEN,
    "too_short": "not like MyID's token endpoint",
    "garbage": BROKEN,
    "hang": "did not answer within the 2 seconds",
    "silence": "did not answer within the 2 seconds",
    "drip": "did not answer within the 2 seconds",
}
"""The fault, and what the one line says of it."""


@pytest.fixture
def proxy(sandbox: SandboxProcess) -> Iterator[SocketProxy]:
    """The way to the sandbox."""
    with SocketProxy(sandbox.url) as running:
        yield running


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
def test_token_endpoint(begin: Begin, proxy: SocketProxy, fault: str) -> None:
    """The sign-in ends with what happened and what to do, on the page as in the notebook; the next
    one, without the fault, works at once; nothing is left over.
    """
    environ = {"MYID_TOKEN_URL": f"{proxy.url}/web.oauth2/connect/token"}
    proxy.fault = fault
    login = begin(environ=environ, timeout=2 if "2 seconds" in TOKEN_FAULTS[fault] else 60)

    page = open_page(redirect(login))

    assert login.wait(20)
    with pytest.raises(SignInFailed, match=TOKEN_FAULTS[fault]) as caught:
        login.result()
    assert "run %myid_login" in str(caught.value).replace("Run", "run")
    assert 1 == len(str(caught.value).splitlines())
    assert "Not signed in" == page.title
    assert TOKEN_FAULTS[fault] in page.text
    assert proxy.exchanges <= 1  # a code is presented once

    proxy.fault = ""
    again = begin(login.session, environ=environ)
    assert "Signed in to MyID" == open_page(redirect(again)).title
    assert again.result().get("people", params={"q": "jo*"}).ok


@pytest.mark.parametrize("fault", ["refused", "reset", "half", "garbage", "hang", "drip"])
def test_name_of_the_operator(
    begin: Begin, proxy: SocketProxy, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking for the name is a courtesy: whatever comes of it, the session is signed in."""
    monkeypatch.setattr(sys.modules["myid_notebook.login.introduction"], "PATIENCE", 1.0)
    proxy.fault = fault
    login = begin(environ={"MYID_API_URL": f"{proxy.url}/rest.core/api/"})

    assert "Signed in to MyID" == open_page(redirect(login)).title

    assert login.wait(20)
    assert login.result().signed_in
    assert login.session.operator is not None
    assert login.session.operator.name is None


@pytest.mark.parametrize(
    "fault", ["refused", "reset", "reset_midway", "half", "too_long", "garbage"]
)
def test_session(begin: Begin, proxy: SocketProxy, fault: str) -> None:
    """A request that fails raises what users of ``requests`` know; the next one works."""
    login = begin(environ={"MYID_API_URL": f"{proxy.url}/rest.core/api/"})
    open_page(redirect(login))
    session = login.result()

    proxy.fault = fault
    with pytest.raises(requests.RequestException):
        session.get("people", params={"q": "jo*"})

    proxy.fault = ""
    assert session.get("people", params={"q": "jo*"}).ok
