"""Wait in a cell or a task, and run what blocks, while the kernel's event loop continues."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from myid_notebook.errors import MyIDError, SignInCancelled, SignInFailed, SignInInterrupted
from myid_notebook.front_end import runs_in_cell
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import deferred_interrupts, on_interrupt, run_in_thread

T = TypeVar("T")

_INTERRUPTED = "You interrupted the sign-in, so it has ended. Sign in again to start a new one."

_WOULD_STAND_STILL = (
    "Another call is beginning the sign-in of that name. Waiting for it here could block forever, "
    "because the tasks of this event loop would stand still meanwhile. Use await login_async() "
    "instead."
)

POLL_INTERVAL = 1.0
"""Seconds between checks for signals, which on Windows do not end a wait."""


def interrupted() -> SignInInterrupted | MyIDError:
    """Return the error for an interrupt; a ``KeyboardInterrupt`` only where it ends just a cell."""
    return SignInInterrupted(_INTERRUPTED) if runs_in_cell() else SignInCancelled(_INTERRUPTED)


class Backend(Protocol):
    """How blocking work runs while a sign-in begins.

    Everything else of it runs in the caller's own thread: prompts and displays of a kernel belong
    to the thread that executes cells.
    """

    async def run(self, call: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
        """Return the result of a blocking call.

        Args:
            undo: called with the result if the caller was cancelled meanwhile; does not block.
        """

    async def wait(self, future: Future[None]) -> None:
        """Wait until a future is done that another thread or task sets."""

    async def cancel(self, sign_in: SignIn, error: SignInFailed) -> None:
        """End a sign-in that was started, or is about to be, and wait for its end."""


class SyncBackend:
    """Run everything at once, in the caller's own thread."""

    async def run(self, call: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:  # noqa: ARG002 - a caller that blocks is not cancelled meanwhile
        """Return the result of the call."""
        return call()

    async def wait(self, future: Future[None]) -> None:
        """Wait while the tasks of this thread's event loop continue.

        Raises:
            SignInFailed: the event loop cannot be nested; the future may depend on its tasks.
            KeyboardInterrupt: the user interrupted the kernel.
        """
        if would_stand_still():
            raise SignInFailed(_WOULD_STAND_STILL)
        block_until(future)

    async def cancel(self, sign_in: SignIn, error: SignInFailed) -> None:
        """End the sign-in and wait."""
        sign_in.cancel(error)


class AsyncBackend:
    """Run blocking calls in threads, so that the event loop continues."""

    async def run(self, call: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
        """Return the result of the call, made in a daemon thread of its own.

        Raises:
            SignInFailed: the process cannot start a thread.
        """
        future = run_in_thread(call, name="myid-begin", undo=undo)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel() and undo is not None and future.exception() is None:
                undo(future.result())
            raise

    async def wait(self, future: Future[None]) -> None:
        """Wait in the event loop."""
        await done_event(future).wait()

    async def cancel(self, sign_in: SignIn, error: SignInFailed) -> None:
        """End the sign-in and wait in the event loop; needs no thread."""
        sign_in.cancel(error, wait=False)
        await self.wait(sign_in.finished)


def run_sync(steps: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that uses ``SyncBackend`` only, and so never suspends."""
    try:
        steps.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()
    raise RuntimeError("a synchronous sign-in was suspended")


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
