"""A network that fails in the middle of a sign-in: one line, nothing lost, and on with the next."""

import sys
from collections.abc import Iterator

import pytest
import requests
from support.browser.callback_page import Visit, open_page
from support.browser.pending_sign_in import (
    Begin,
    expect_failure,
    expect_next,
    let_time_pass,
    redirect,
)
from support.machine.threads import wait_until
from support.servers.proxies import SocketProxy
from support.servers.sandbox import SandboxProcess

from myid_notebook.sign_in.messages import Stage

BROKEN = "closed the connection"
TOKEN_FAULTS = {
    "drop": BROKEN,
    "reset": BROKEN,
    "reset_midway": BROKEN,
    "half": BROKEN,
    "too_long": BROKEN,
    "too_short": "probably not MyID's token endpoint",
    "garbage": BROKEN,
    "hang": "did not respond within the 60 seconds",
    "silence": "did not respond within the 60 seconds",
    "drip": "did not respond within the 60 seconds",
    "refused": "cannot be reached from where this kernel runs",
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
    login = begin(environ=environ)
    visit = Visit(redirect(login))
    if "60 seconds" in TOKEN_FAULTS[fault]:
        wait_until(lambda: proxy.exchanges)
        let_time_pass(login)

    expect_failure(login, visit.page, TOKEN_FAULTS[fault])
    assert (0 if fault == "refused" else 1) == proxy.exchanges  # a code is presented once

    proxy.fault = ""
    expect_next(begin, login, environ=environ)


def test_late_token(begin: Begin, proxy: SocketProxy) -> None:
    """An answer that comes late, but comes, signs in."""
    proxy.fault = "delay"
    login = begin(environ={"MYID_TOKEN_URL": f"{proxy.url}/web.oauth2/connect/token"})
    visit = Visit(redirect(login))
    wait_until(lambda: proxy.exchanges)
    assert login.stage is Stage.EXCHANGING

    proxy.let_go()

    assert "Signed in to MyID" == visit.page.title
    assert login.result().get("people", params={"q": "jo"}).ok


def test_unknown_name(begin: Begin) -> None:
    """A name that no server of names knows is named, in the notebook and on the page; once the
    address is right, the next sign-in works.
    """
    login = begin(environ={"MYID_TOKEN_URL": "https://nowhere.invalid/connect/token"})

    page = open_page(redirect(login))

    expect_failure(login, page, "nowhere.invalid cannot be reached")
    expect_next(begin, login)


@pytest.mark.parametrize("fault", ["refused", "reset", "half", "garbage", "hang", "drip"])
def test_name_of_the_operator(
    begin: Begin, proxy: SocketProxy, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking for the name is a courtesy: whatever comes of it, the session is signed in."""
    monkeypatch.setattr(sys.modules["myid_notebook.sign_in.operator_name"], "LOOKUP_TIMEOUT", 1.0)
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
        session.get("people", params={"q": "jo"})

    proxy.fault = ""
    assert session.get("people", params={"q": "jo"}).ok
