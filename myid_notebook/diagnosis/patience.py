"""Calls that may hang, waited for only so long: a diagnosis ends, whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from myid_notebook.login.in_thread import in_background

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds to wait for each thing that is asked; a report asks at most five."""


def within_patience(call: Callable[[], T]) -> T:
    """Return what a call returns, or give it up.

    It runs in a daemon thread of its own: what an interrupt shows are then no frames of the call,
    which may hold what it sends, and nothing that hangs for ever keeps anybody.

    Args:
        call: takes nothing.

    Raises:
        TimeoutError: it took longer than ``PATIENCE``; it goes on, unheard.
        SignInFailed: this process can start no thread any more.
    """
    return in_background(call, name="myid-doctor").result(PATIENCE)
