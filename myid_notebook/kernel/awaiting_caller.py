"""A coroutine that asks for a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from myid_notebook.errors import SignInFailed
from myid_notebook.kernel.waiting import end_of, ended_event
from myid_notebook.login import Login
from myid_notebook.login.in_thread import in_background

T = TypeVar("T")


class AwaitingCaller:
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

    async def end(self, login: Login, why: SignInFailed) -> None:
        """End a sign-in, and wait in the event loop; no thread is needed for that."""
        login.give_up(why)
        await self.until(end_of(login))
