"""Waiting in a cell without stopping what else runs in the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future

from myid_notebook.kernel.interrupts import interrupts_call, uninterrupted
from myid_notebook.login import Login

GLANCE = 1.0
"""Seconds between looks at pending signals, which on Windows do not end a wait."""


def end_of(login: Login) -> Future[None]:
    """Return what is done when a sign-in has ended.

    Args:
        login: started.
    """
    ended: Future[None] = Future()
    login.when_done(lambda: ended.set_result(None))
    return ended


def block_until(ended: Future[None]) -> None:
    """Wait for the end of something; the user's own asyncio tasks go on meanwhile.

    Args:
        ended: set by another thread or task.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel.
    """
    loop = uninterrupted(_nestable_loop)
    if loop is not None:
        _wait_in_loop(loop, ended)
    while not ended.done():
        with contextlib.suppress(TimeoutError):
            ended.result(GLANCE)


def would_stand_still() -> bool:
    """Return whether an event loop runs in this thread that cannot go on during a wait."""
    return _running_loop() is not None and uninterrupted(_nestable_loop) is None


def ended_event(ended: Future[None]) -> asyncio.Event:
    """Return an event of the running loop that is set at the end of something.

    Args:
        ended: set by another thread or task.
    """
    loop = asyncio.get_running_loop()
    event = asyncio.Event()

    def tell(_: Future[None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(event.set)

    ended.add_done_callback(tell)
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
    with interrupts_call(on_interrupt):
        loop.run_until_complete(_until(event))
    if interrupted.is_set():
        raise KeyboardInterrupt


async def _until(event: asyncio.Event) -> None:
    while not event.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), GLANCE)


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
