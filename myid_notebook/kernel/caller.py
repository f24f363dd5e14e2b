"""Who asks for a session, and so what may be held up meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from myid_notebook.errors import SignInFailed
from myid_notebook.login import Login

T = TypeVar("T")


class Caller(Protocol):
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

    async def end(self, login: Login, why: SignInFailed) -> None:
        """End a sign-in, and wait for that.

        Args:
            login: started, or about to be.
            why: what it ends with.
        """
