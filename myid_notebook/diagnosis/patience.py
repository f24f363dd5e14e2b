"""Calls that may hang, waited for only so long: a diagnosis ends, whatever is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

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
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001 - the waiting side gets it
            outcome.set_exception(error)

    threading.Thread(target=run, name="myid-doctor", daemon=True).start()
    return outcome.result(PATIENCE)
