"""Blocking calls in the background, each in a daemon thread of its own.

Not an executor: Python waits for an executor's threads when it exits, so that a hanging server
would keep a kernel from shutting down.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import TypeVar

from myid_notebook.login.endings import no_thread

T = TypeVar("T")


def in_background(
    call: Callable[[], T], *, name: str = "myid-http", undo: Callable[[T], object] | None = None
) -> Future[T]:
    """Start a blocking call in a thread and return its result as a future.

    Args:
        call: takes nothing; ended from outside, where it can be.
        name: of the thread.
        undo: given the result, in that thread, where the future was cancelled meanwhile.

    Raises:
        SignInFailed: this process can start no thread any more.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the waiting side gets it
            with contextlib.suppress(InvalidStateError):  # cancelled meanwhile
                outcome.set_exception(error)
            return
        try:
            outcome.set_result(result)
        except InvalidStateError:  # the same
            if undo is not None:
                undo(result)

    start(threading.Thread(target=run, name=name, daemon=True))
    return outcome


def in_thread(call: Callable[[], T]) -> asyncio.Future[T]:
    """Start a blocking call in a thread and return its result as a future of the running loop.

    Args:
        call: takes nothing; ended from outside, where it can be.

    Raises:
        SignInFailed: this process can start no thread any more.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(outcome: Future[T]) -> None:
        if future.done():
            return
        error = outcome.exception()
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(outcome.result())

    def ended(outcome: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended without waiting
            loop.call_soon_threadsafe(settle, outcome)

    in_background(call).add_done_callback(ended)
    return future


def start(thread: threading.Thread) -> None:
    """Start a thread.

    Args:
        thread: new.

    Raises:
        SignInFailed: this process can start no thread any more.
    """
    try:
        thread.start()
    except RuntimeError as error:
        failure = no_thread(error)
    else:
        return
    raise failure
