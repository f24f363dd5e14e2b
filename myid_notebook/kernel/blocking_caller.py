"""A cell, or a thread, that asks for a session."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from myid_notebook.errors import SignInFailed
from myid_notebook.kernel.waiting import block_until, would_stand_still
from myid_notebook.login import Login

T = TypeVar("T")

_STANDS_STILL = (
    "Another call is just beginning the sign-in of that name. Waiting for it here could take for "
    "ever: this event loop is none of asyncio's own, and its tasks would stand still meanwhile. "
    "Use await login_async() instead."
)


class BlockingCaller:
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

    async def end(self, login: Login, why: SignInFailed) -> None:
        """End a sign-in, and wait for that."""
        login.cancel(why)


def completed(steps: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never suspends.

    Args:
        steps: of a ``BlockingCaller``.
    """
    try:
        steps.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()
    raise RuntimeError("a blocking sign-in was suspended")
