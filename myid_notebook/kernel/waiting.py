"""Wait in a cell while the kernel's event loop runs on; handle interrupts meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from myid_notebook.errors import SignInInterrupted
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

T = TypeVar("T")


@contextlib.contextmanager
def on_interrupt_call(call: Callable[[], None]) -> Iterator[None]:
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


def deferred_interrupts(call: Callable[[], T]) -> T:
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

    with on_interrupt_call(on_interrupt):
        result = call()
    if interrupted.is_set():
        raise KeyboardInterrupt
    return result


INTERRUPTED = "You interrupted the sign-in, so it has ended. Run %myid_login to start a new one."
"""What the user is told."""


def interrupted(sign_in: SignIn) -> SignInInterrupted:
    """End a sign-in that the user interrupted, and return the error to raise.

    Args:
        sign_in: pending, or ended already.
    """
    sign_in.cancel(cancelled())
    return SignInInterrupted(INTERRUPTED)


POLL_INTERVAL = 1.0
"""Seconds between looks at pending signals, which on Windows do not end a wait."""


def end_of(sign_in: SignIn) -> Future[None]:
    """Return what is done when a sign-in has ended.

    Args:
        sign_in: started.
    """
    ended: Future[None] = Future()
    sign_in.when_done(lambda: ended.set_result(None))
    return ended


def block_until(ended: Future[None]) -> None:
    """Wait for the end of something; the user's own asyncio tasks go on meanwhile.

    Args:
        ended: set by another thread or task.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel.
    """
    loop = deferred_interrupts(_nestable_loop)
    if loop is not None:
        _wait_in_loop(loop, ended)
    while not ended.done():
        with contextlib.suppress(TimeoutError):
            ended.result(POLL_INTERVAL)


def would_stand_still() -> bool:
    """Return whether an event loop runs in this thread that cannot go on during a wait."""
    return _running_loop() is not None and deferred_interrupts(_nestable_loop) is None


def ended_event(ended: Future[None]) -> asyncio.Event:
    """Return an event of the running loop that is set at the end of something.

    Args:
        ended: set by another thread or task.
    """
    loop = asyncio.get_running_loop()
    event = asyncio.Event()

    def notify(_: Future[None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(event.set)

    ended.add_done_callback(notify)
    return event


def _wait_in_loop(loop: asyncio.AbstractEventLoop, ended: Future[None]) -> None:
    event = ended_event(ended)
    interrupted = threading.Event()

    def on_interrupt() -> None:
        # Not raised at once: it would hit whichever of the user's tasks happens to run. A second
        # one is raised, for that task may be what keeps the wait from ending.
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()
        loop.call_soon_threadsafe(event.set)

    # Before the loop goes on, for what goes on first may be a task of the user's.
    with on_interrupt_call(on_interrupt):
        loop.run_until_complete(_until(event))
    if interrupted.is_set():
        raise KeyboardInterrupt


async def _until(event: asyncio.Event) -> None:
    while not event.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), POLL_INTERVAL)


def _nestable_loop() -> asyncio.AbstractEventLoop | None:
    loop = _running_loop()
    if loop is None:
        return None
    import nest_asyncio2  # noqa: PLC0415 - patches asyncio, so only when a cell really waits

    try:
        nest_asyncio2.apply(loop)
    except ValueError:  # a loop of another make, such as uvloop's
        return None
    return loop


def _running_loop() -> asyncio.AbstractEventLoop | None:
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None
