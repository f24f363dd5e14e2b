"""A sign-in gives up in time, whatever becomes of the clocks."""

import sys
import time

import pytest
from support.callback_page import open_page
from support.leftovers import wait_until
from support.next_sign_in import expect_failure, expect_next
from support.past_deadline import let_time_pass
from support.pending import Begin, redirect
from support.sandbox_process import SandboxProcess

from myid_notebook.errors import SignInTimeout
from myid_notebook.login.deadline import Deadline


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
    monkeypatch.setattr(sys.modules["myid_notebook.login.login"], "TICK", 60.0)
    login = begin(timeout=300)
    answer = redirect(login)
    let_time_pass(login)

    page = open_page(answer)

    assert isinstance(expect_failure(login, page, "within 300 seconds"), SignInTimeout)
    assert 0 == sandbox.status()["token_requests"]
    expect_next(begin, login)


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
