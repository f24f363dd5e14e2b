"""Daemon threads for blocking calls, and an event loop in a thread.

Not executors: Python waits for an executor's threads when it exits, so a hanging server would
keep a kernel from shutting down.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, InvalidStateError, wait
from typing import Any, TypeVar

from myid_notebook.errors import SignInFailed

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
        failure = _no_thread(error)
    else:
        return
    raise failure


class LoopThread:
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
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._early: list[Callable[[], object]] = []
        self._started = threading.Event()
        self._done: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="myid-login", daemon=True)

    @property
    def done(self) -> bool:
        """Whether it has ended and released everything."""
        return self._done.done()

    @property
    def begun(self) -> bool:
        """Whether its end may be waited for."""
        return self.done or self._thread.ident is not None

    def start(self) -> None:
        """Start, and wait until ``started`` was called, or the end came.

        Raises:
            SignInFailed: this process can start no thread any more; everything is released.
        """
        try:
            start(self._thread)
        except SignInFailed as error:
            error.__context__ = None  # what the caller may be handling is none of ours
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

    def call(self, callback: Callable[[], object]) -> None:
        """Call something in the loop, from another thread; first of all where it is yet to begin.

        Args:
            callback: takes nothing; may be forgotten where the loop is ending.
        """
        with self._lock:
            if self._loop is None:
                self._early.append(callback)
                return
        with contextlib.suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(callback)

    def ask(self, question: Callable[[], Coroutine[Any, Any, T] | None]) -> T | None:
        """Return what a coroutine answers in the loop, from another thread; None after the end.

        A loop that is ending takes calls and forgets them, so that waiting for the answer alone
        could take for ever.

        Args:
            question: called in the loop; None instead of a coroutine where it comes too late.
        """
        answer: Future[T | None] = Future()
        if self.done or self._loop is None:
            return None
        self.call(lambda: _begin(question(), answer))
        either: Iterable[Future[Any]] = (answer, self._done)
        wait(either, return_when=FIRST_COMPLETED)
        return answer.result() if answer.done() else None

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                self._take_calls(runner.get_loop())
                runner.run(self._live())
        except Exception as error:  # noqa: BLE001 - a process without files or memory left
            self._broken(error)
        finally:
            self._end()

    def _take_calls(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._loop = loop
            for callback in self._early:
                loop.call_soon(callback)

    def _end(self) -> None:
        try:
            self._release()
        finally:
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


def _no_thread(error: RuntimeError) -> SignInFailed:
    """Return the error for a sign-in that this process has no thread for.

    Args:
        error: what Python said.
    """
    return SignInFailed(
        f"The kernel could not start a thread for the sign-in ({error}). Close other work or "
        "restart the kernel, then run %myid_login again. If the problem persists, ask the "
        "administrator of this machine."
    )
