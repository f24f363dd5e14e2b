"""Who asks for a session, and so what may be held up meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

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
            undo: given the result where nobody waits for it any more.
        """

    async def until(self, ended: Future[None]) -> None:
        """Wait for the end of something.

        Args:
            ended: set by another thread or task.
        """
