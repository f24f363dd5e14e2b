"""A sign-in gives up in time, whatever becomes of the clocks."""

import sys
import time
from http.server import BaseHTTPRequestHandler

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import (
    Begin,
    expect_failure,
    expect_next,
    let_time_pass,
    redirect,
)
from support.machine.threads import wait_until
from support.servers.http_server import HttpServer, json_body
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import SignInTimeout
from myid_notebook.sign_in.deadline import Deadline


@pytest.mark.skipif(sys.platform != "linux", reason="the clock that Linux has")
def test_machine_that_slept(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a laptop sleeps ``time.monotonic`` stands still, but the deadline comes nearer."""
    login = begin(timeout=300)
    now = time.clock_gettime

    monkeypatch.setattr(time, "clock_gettime", lambda clock: now(clock) + 301)

    assert isinstance(expect_failure(login, None, "within 300 seconds"), SignInTimeout)
    expect_next(begin, login)


def test_late_answer(
    begin: Begin, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that comes after the deadline is refused, even before the clock has been looked
    at: its code is not sent.
    """
    monkeypatch.setattr(sys.modules["myid_notebook.sign_in.sign_in"], "REPORT_INTERVAL", 60.0)
    login = begin(timeout=300)
    answer = redirect(login)
    let_time_pass(login)

    page = open_page(answer)

    assert isinstance(expect_failure(login, page, "within 300 seconds"), SignInTimeout)
    assert 0 == sandbox.status()["token_requests"]
    expect_next(begin, login)


@pytest.mark.skipif(sys.platform != "linux", reason="the clock that Linux has")
def test_machine_that_slept_through_the_exchange(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that arrives after the deadline is not used, even where nothing but the token has
    noticed yet that it has passed.
    """
    monkeypatch.setattr(sys.modules["myid_notebook.sign_in.sign_in"], "REPORT_INTERVAL", 600.0)
    now = time.clock_gettime

    def answer_late(handler: BaseHTTPRequestHandler) -> None:
        monkeypatch.setattr(time, "clock_gettime", lambda clock: now(clock) + 301)
        json_body(handler, b'{"access_token": "t", "token_type": "Bearer", "expires_in": 3600}')

    with HttpServer(answer_late) as server:
        login = begin(environ={"MYID_TOKEN_URL": f"{server.url}/token"}, timeout=300)
        page = open_page(redirect(login))

    assert login.wait(20)
    assert "Not signed in" == page.title
    assert not login.session.signed_in
    with pytest.raises(SignInTimeout, match="did not respond within the 300 seconds"):
        login.result()


@pytest.mark.parametrize("minutes", [-10, 10])
def test_clock_that_is_set(begin: Begin, monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """A clock of the wall that jumps ends no sign-in and prolongs none."""
    login = begin(timeout=600)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 60 * minutes)

    login.paste(redirect(login))

    assert login.session is login.result()
    assert 400 < login.deadline.seconds_left < 600
    expect_next(begin, login)


def test_nothing_left() -> None:
    """From the deadline on there are 0 seconds left, never fewer."""
    deadline = Deadline(0.01)
    wait_until(lambda: deadline.seconds_left == 0)

    assert 0.01 == deadline.seconds_gone
