"""The thread of one sign-in, with an event loop that others may ask."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, TypeVar

from myid_notebook.errors import SignInFailed
from myid_notebook.login.in_thread import start

T = TypeVar("T")


class LoginThread:
    """Runs one coroutine in an event loop of its own, and releases everything at the end.

    Args:
        live: what runs; calls ``started`` on its way.
        broken: told what ``live`` raised, or why it could not begin.
        release: called at the end, in any case.
    """

    def __init__(
        self,
        live: Callable[[], Coroutine[Any, Any, None]],
        broken: Callable[[Exception], None],
        release: Callable[[], None],
    ) -> None:
        self._live = live
        self._broken = broken
        self._release = release
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._done: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="myid-login", daemon=True)

    @property
    def done(self) -> bool:
        """Whether it has ended and released everything."""
        return self._done.done()

    def start(self) -> None:
        """Start, and wait until ``started`` was called, or the end came.

        Raises:
            SignInFailed: this process can start no thread any more; everything is released.
        """
        try:
            start(self._thread)
        except SignInFailed as error:
            self._broken(error)
            self._end()
            raise
        self._started.wait()

    def started(self) -> None:
        """Let ``start`` return."""
        self._started.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, and return whether it came.

        Args:
            timeout: seconds; None for as long as it takes.
        """
        with contextlib.suppress(TimeoutError):
            self._done.result(timeout)
        return self.done

    def when_done(self, call: Callable[[], None]) -> None:
        """Call something at the end: in this thread, or at once where it has ended.

        Args:
            call: takes nothing, does not block.
        """
        self._done.add_done_callback(lambda _: call())

    def call(self, callback: Callable[[], None]) -> bool:
        """Call something in the loop, from another thread, and return whether there has been one.

        Args:
            callback: takes nothing; may be forgotten where the loop is ending.
        """
        if self._loop is None:
            return False
        with contextlib.suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(callback)
        return True

    def ask(self, question: Callable[[], Coroutine[Any, Any, T] | None]) -> T | None:
        """Return what a coroutine answers in the loop, from another thread; None after the end.

        A loop that is ending takes calls and forgets them, so that waiting for the answer alone
        could take for ever.

        Args:
            question: called in the loop; None instead of a coroutine where it comes too late.
        """
        answer: Future[T | None] = Future()
        if self.done or not self.call(lambda: _begin(question(), answer)):
            return None
        either: Iterable[Future[Any]] = (answer, self._done)
        wait(either, return_when=FIRST_COMPLETED)
        return answer.result() if answer.done() else None

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                runner.run(self._live())
        except Exception as error:  # noqa: BLE001 - a process without files or memory left
            self._broken(error)
        finally:
            self._end()

    def _end(self) -> None:
        self._release()
        self._started.set()
        self._done.set_result(None)


def _begin(coroutine: Coroutine[Any, Any, T] | None, answer: Future[T | None]) -> None:
    def settle(task: asyncio.Task[T]) -> None:
        if task.cancelled():
            answer.set_result(None)
        elif (error := task.exception()) is not None:
            answer.set_exception(error)
        else:
            answer.set_result(task.result())

    if coroutine is None:
        answer.set_result(None)
    else:
        asyncio.get_running_loop().create_task(coroutine).add_done_callback(settle)
