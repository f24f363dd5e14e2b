"""A sign-in gives up in time, whatever becomes of the clocks."""

import sys
import time

import pytest
from support.leftovers import wait_until
from support.pending import Begin, redirect

from myid_notebook.errors import SignInTimeout
from myid_notebook.login.deadline import Deadline


@pytest.mark.skipif(sys.platform != "linux", reason="the clock that Linux has")
def test_machine_that_slept(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a laptop sleeps ``time.monotonic`` stands still, but the deadline comes nearer."""
    login = begin(timeout=300)
    now = time.clock_gettime

    monkeypatch.setattr(time, "clock_gettime", lambda clock: now(clock) + 301)

    assert login.wait(20)
    with pytest.raises(SignInTimeout, match="within 300 seconds"):
        login.result()


@pytest.mark.parametrize("minutes", [-10, 10])
def test_clock_that_is_set(begin: Begin, monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """A clock of the wall that jumps ends no sign-in and prolongs none."""
    login = begin(timeout=60)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 60 * minutes)

    login.paste(redirect(login))

    assert login.session is login.result()
    assert 50 < login.deadline.seconds_left < 60


def test_nothing_left() -> None:
    """From the deadline on there are 0 seconds left, never fewer."""
    deadline = Deadline(0.01)
    wait_until(lambda: deadline.seconds_left == 0)

    assert 0.01 == deadline.seconds_gone
