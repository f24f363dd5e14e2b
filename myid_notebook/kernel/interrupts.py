"""Interrupts that wait until they do no harm."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def interrupts_call(call: Callable[[], None]) -> Iterator[None]:
    """Let interrupts call something; in the main thread, for no other has signals.

    Args:
        call: takes nothing; may raise.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, lambda *_: call())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)


def uninterrupted(call: Callable[[], T]) -> T:
    """Return the result of a call that an interrupt does not leave half done.

    Args:
        call: takes nothing and is quick; a second interrupt ends it all the same.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel; the call was finished first.
    """
    interrupted = threading.Event()

    def on_interrupt() -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    with interrupts_call(on_interrupt):
        result = call()
    if interrupted.is_set():
        raise KeyboardInterrupt
    return result
