"""Blocking calls awaited from an event loop, each in a daemon thread of its own.

Not the loop's executor: Python waits for an executor's threads when it exits, so that a hanging
server would keep a kernel from shutting down.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_thread(call: Callable[[], T]) -> asyncio.Future[T]:
    """Start a blocking call in a thread and return its result as a future of the running loop.

    Args:
        call: takes nothing; ended from outside, where it can be.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type] # T may include None

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as caught:  # noqa: BLE001 - whatever it is, the awaiting side gets it
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended without waiting
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="myid-http", daemon=True).start()
    return future
