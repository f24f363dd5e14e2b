"""Defer and handle KeyboardInterrupt in the main thread."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def deferred_interrupts(call: Callable[[], T]) -> T:
    """Return the result of a short call that an interrupt must not leave half done.

    Args:
        call: takes nothing; only a second interrupt ends it.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel; the call was completed first.
    """
    interrupted = threading.Event()

    def handle() -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    with on_interrupt(handle):
        result = call()
    if interrupted.is_set():
        raise KeyboardInterrupt
    return result


@contextlib.contextmanager
def on_interrupt(handle: Callable[[], None]) -> Iterator[None]:
    """Handle interrupts with a function of our own; only the main thread has signals.

    Args:
        handle: takes nothing; may raise.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, lambda *_: handle())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
