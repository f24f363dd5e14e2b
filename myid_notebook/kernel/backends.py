"""Run blocking work for a cell (synchronously) or for a coroutine (in threads)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from myid_notebook.errors import SignInFailed
from myid_notebook.kernel.waiting import block_until, done_event, would_stand_still
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import run_in_thread

T = TypeVar("T")

_WOULD_STAND_STILL = (
    "Another call is beginning the sign-in of that name. Waiting for it here could block forever, "
    "because the tasks of this event loop would stand still meanwhile. Use await login_async() "
    "instead."
)


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

    async def cancel(self, sign_in: SignIn[Any], error: SignInFailed) -> None:
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

    async def cancel(self, sign_in: SignIn[Any], error: SignInFailed) -> None:
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

    async def cancel(self, sign_in: SignIn[Any], error: SignInFailed) -> None:
        """End the sign-in and wait in the event loop; needs no thread."""
        sign_in.cancel_soon(error)
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
