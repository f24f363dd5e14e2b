"""Waiting for a sign-in without stopping what else runs in the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from myid_notebook.kernel.interruption import interrupted
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled

T = TypeVar("T")

GLANCE = 1.0
"""Seconds between looks at pending signals, which on Windows do not end a wait."""


def wait_in_cell(login: Login) -> None:
    """Wait for the end of a sign-in; the user's own asyncio tasks go on meanwhile.

    Args:
        login: started.

    Raises:
        SignInInterrupted: the user interrupted the kernel; the sign-in has ended.
    """
    try:
        loop = _uninterrupted(_nestable_loop)
        if loop is None:
            while not login.wait(GLANCE):
                pass
        else:
            _wait_in_loop(loop, login)
    except KeyboardInterrupt:
        raise interrupted(login) from None


async def wait_async(login: Login) -> None:
    """Wait for the end of a sign-in; a cancelled wait ends it.

    Args:
        login: started.
    """
    ended = _ended_event(login)
    try:
        await ended.wait()
    except asyncio.CancelledError:
        login.cancel(cancelled())
        raise


def _wait_in_loop(loop: asyncio.AbstractEventLoop, login: Login) -> None:
    ended = _ended_event(login)
    interrupted = threading.Event()

    def on_interrupt() -> None:
        # Not raised here: it would hit whichever of the user's tasks happens to run.
        interrupted.set()
        loop.call_soon_threadsafe(ended.set)

    # Before the loop goes on, for what goes on first may be a task of the user's.
    with _interrupts_call(on_interrupt):
        loop.run_until_complete(_until(ended))
    if interrupted.is_set():
        raise KeyboardInterrupt


async def _until(ended: asyncio.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), GLANCE)


def _ended_event(login: Login) -> asyncio.Event:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(ended.set)

    login.when_done(tell)
    return ended


@contextlib.contextmanager
def _interrupts_call(call: Callable[[], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread has signals
        return
    previous = signal.signal(signal.SIGINT, lambda *_: call())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)


def _uninterrupted(call: Callable[[], T]) -> T:
    # An asyncio that is half patched would be of no use to the kernel any more.
    interrupted = threading.Event()
    with _interrupts_call(interrupted.set):
        result = call()
    if interrupted.is_set():
        raise KeyboardInterrupt
    return result


def _nestable_loop() -> asyncio.AbstractEventLoop | None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    import nest_asyncio2  # noqa: PLC0415 - patches asyncio, so only when a cell really waits

    try:
        nest_asyncio2.apply(loop)
    except ValueError:  # a loop of another make, such as uvloop's
        return None
    return loop
