"""Run blocking work for a cell (synchronously) or for a coroutine (in threads)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from myid_notebook.errors import SignInFailed
from myid_notebook.kernel.waiting import block_until, end_of, ended_event, would_stand_still
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import in_background

T = TypeVar("T")


class Backend(Protocol):
    """A cell, which may be held up, or a coroutine, whose event loop must go on.

    Everything else of a sign-in's beginning runs where the caller does: a kernel's prompts and
    displays belong to the thread that executes cells.
    """

    async def away(self, call: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
        """Return the result of a call that takes its time.

        Args:
            call: takes nothing.
            undo: given the result where nobody waits for it any more; does not block.
        """

    async def until(self, ended: Future[None]) -> None:
        """Wait for the end of something.

        Args:
            ended: set by another thread or task.
        """

    async def end(self, sign_in: SignIn, why: SignInFailed) -> None:
        """End a sign-in, and wait for that.

        Args:
            sign_in: started, or about to be.
            why: what it ends with.
        """


class AsyncBackend:
    """Leaves what takes its time to threads, so that its event loop goes on."""

    async def away(self, call: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
        """Return the result of a call that runs in a daemon thread of its own.

        Raises:
            SignInFailed: this process can start no thread any more.
        """
        done = in_background(call, name="myid-begin", undo=undo)
        try:
            return await asyncio.wrap_future(done)
        except asyncio.CancelledError:
            if not done.cancel() and undo is not None and done.exception() is None:
                undo(done.result())
            raise

    async def until(self, ended: Future[None]) -> None:
        """Wait in the event loop."""
        await ended_event(ended).wait()

    async def end(self, sign_in: SignIn, why: SignInFailed) -> None:
        """End a sign-in, and wait in the event loop; no thread is needed for that."""
        sign_in.cancel_soon(why)
        await self.until(end_of(sign_in))


_STANDS_STILL = (
    "Another call is already starting a sign-in with this name, and this kind of event loop cannot "
    "wait for it: its tasks would stop. Use await login_async() instead."
)


class SyncBackend:
    """Does everything at once and in its own thread."""

    async def away(self, call: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:  # noqa: ARG002 - whoever blocks is there for the result
        """Return the result of a call."""
        return call()

    async def until(self, ended: Future[None]) -> None:
        """Wait, while the tasks of this thread's event loop go on.

        Raises:
            SignInFailed: that event loop cannot be nested; what is waited for may be its task.
            KeyboardInterrupt: the user interrupted the kernel.
        """
        if would_stand_still():
            raise SignInFailed(_STANDS_STILL)
        block_until(ended)

    async def end(self, sign_in: SignIn, why: SignInFailed) -> None:
        """End a sign-in, and wait for that."""
        sign_in.cancel(why)


def completed(steps: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never suspends.

    Args:
        steps: of a ``SyncBackend``.
    """
    try:
        steps.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()
    raise RuntimeError("a blocking sign-in was suspended")
