"""Wait in a cell while the kernel's event loop continues."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import warnings
from concurrent.futures import Future

from myid_notebook.errors import MyIDError, SignInCancelled, SignInInterrupted
from myid_notebook.front_end import runs_in_cell
from myid_notebook.threads import deferred_interrupts, on_interrupt

_INTERRUPTED = "You interrupted the sign-in, so it has ended. Run %myid_login to start a new one."

POLL_INTERVAL = 1.0
"""Seconds between checks for signals, which on Windows do not end a wait."""


def interrupted() -> SignInInterrupted | MyIDError:
    """Return the error for an interrupt; a ``KeyboardInterrupt`` only where it ends just a cell."""
    return SignInInterrupted(_INTERRUPTED) if runs_in_cell() else SignInCancelled(_INTERRUPTED)


def block_until(future: Future[None]) -> None:
    """Wait until a future is done; the user's own asyncio tasks continue meanwhile.

    Args:
        future: set by another thread or task.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel.
    """
    loop = deferred_interrupts(_nestable_loop)
    if loop is not None:
        _wait_in_loop(loop, future)
    while not future.done():
        with contextlib.suppress(TimeoutError):
            future.result(POLL_INTERVAL)


def would_stand_still() -> bool:
    """Return whether this thread's running event loop cannot continue during ``block_until``."""
    return _running_loop() is not None and deferred_interrupts(_nestable_loop) is None


def done_event(future: Future[None]) -> asyncio.Event:
    """Return an event of the running loop that is set once a future is done."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()

    def on_done(_: Future[None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(event.set)

    future.add_done_callback(on_done)
    return event


def _wait_in_loop(loop: asyncio.AbstractEventLoop, future: Future[None]) -> None:
    event = done_event(future)
    interrupted = threading.Event()

    def handle() -> None:
        # Not raised at once: it would hit whichever of the user's tasks happens to run. A second
        # one is raised, because that task may be what keeps the wait from ending.
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()
        loop.call_soon_threadsafe(event.set)

    # Installed before the loop continues: the first thing it runs may be a task of the user's.
    with on_interrupt(handle):
        loop.run_until_complete(_poll(event))
    if interrupted.is_set():
        raise KeyboardInterrupt


async def _poll(event: asyncio.Event) -> None:
    while not event.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), POLL_INTERVAL)


def _nestable_loop() -> asyncio.AbstractEventLoop | None:
    loop = _running_loop()
    if loop is None:
        return None
    # Not nest_asyncio: on ipykernel 7 it loses the cells that are queued during the wait.
    import nest_asyncio2  # noqa: PLC0415 - patches asyncio, so only when a cell really waits

    _allow_another_patch(type(loop))
    try:
        with warnings.catch_warnings():
            # That nest_asyncio has patched asyncio too: only its patch of the loop loses cells.
            warnings.filterwarnings("ignore", message="asyncio is already patched")
            nest_asyncio2.apply(loop)
    except ValueError:  # a loop of another kind, such as uvloop's
        return None
    return loop


def _allow_another_patch(loop_type: type) -> None:
    """Let nest_asyncio2 patch a class of loops that nest_asyncio, or a copy of it, has patched."""
    # nest_asyncio2 leaves a loop alone that any of them has marked as patched.
    for each in loop_type.__mro__:
        if "_nest_patched" in vars(each) and "_nest_asyncio2" not in vars(each):
            del each._nest_patched  # type: ignore[attr-defined] # noqa: SLF001 - nest_asyncio's mark


def _running_loop() -> asyncio.AbstractEventLoop | None:
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None
