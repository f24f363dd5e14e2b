"""A coroutine that asks for a session."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TypeVar

from myid_notebook.kernel.waiting import ended_event

T = TypeVar("T")


class AwaitingCaller:
    """Leaves what takes its time to threads, so that its event loop goes on."""

    async def away(self, call: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
        """Return the result of a call that runs in a daemon thread of its own."""
        done: Future[T] = Future()
        _start(lambda: _settle(done, call, undo))
        try:
            return await asyncio.wrap_future(done)
        except asyncio.CancelledError:
            if not done.cancel() and undo is not None and done.exception() is None:
                result = done.result()
                _start(lambda: undo(result))
            raise

    async def until(self, ended: Future[None]) -> None:
        """Wait in the event loop."""
        await ended_event(ended).wait()


def _settle(done: Future[T], call: Callable[[], T], undo: Callable[[T], object] | None) -> None:
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the awaiting side gets it
        with suppress(InvalidStateError):
            done.set_exception(error)
        return
    try:
        done.set_result(result)
    except InvalidStateError:  # cancelled meanwhile
        if undo is not None:
            undo(result)


def _start(call: Callable[[], object]) -> None:
    # A daemon: Python would wait at its exit for an executor's threads.
    threading.Thread(target=call, name="myid-begin", daemon=True).start()
