"""Daemon threads for blocking calls, an event loop in a thread, and interrupts of the main thread.

Daemon threads, not executors: Python waits for an executor's threads when it exits, so a hanging
server would keep a kernel from shutting down.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, InvalidStateError, wait
from typing import Any, TypeVar

from myid_notebook.errors import SignInFailed

T = TypeVar("T")


def run_in_thread(
    call: Callable[[], T], *, name: str = "myid-http", undo: Callable[[T], object] | None = None
) -> Future[T]:
    """Start a blocking call in a daemon thread and return a future of its result.

    Args:
        undo: called with the result, in that thread, if the future was cancelled meanwhile.

    Raises:
        SignInFailed: the process cannot start a thread.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - the future carries it to whoever waits
            with contextlib.suppress(InvalidStateError):  # cancelled meanwhile
                future.set_exception(error)
            return
        try:
            future.set_result(result)
        except InvalidStateError:  # cancelled meanwhile
            if undo is not None:
                undo(result)

    _start(threading.Thread(target=run, name=name, daemon=True))
    return future


def await_in_thread(call: Callable[[], T]) -> asyncio.Future[T]:
    """Start a blocking call in a daemon thread and return a future of the running event loop.

    Unlike ``asyncio.wrap_future``, it tolerates a loop that was closed before the call returned.

    Raises:
        SignInFailed: the process cannot start a thread.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def copy_outcome(outcome: Future[T]) -> None:
        if future.done():
            return
        error = outcome.exception()
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(outcome.result())

    def on_done(outcome: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(copy_outcome, outcome)

    run_in_thread(call).add_done_callback(on_done)
    return future


class LoopThread:
    """Run one coroutine in an event loop in a daemon thread of its own.

    Args:
        main: makes the coroutine, which calls ``set_started`` on its way.
        on_error: called with what the coroutine raised, or why it could not begin.
        release: called at the end, in any case.

    Attributes:
        finished: done when the thread has ended and ``release`` was called; cannot be cancelled.
    """

    def __init__(
        self,
        main: Callable[[], Coroutine[Any, Any, None]],
        on_error: Callable[[Exception], None],
        release: Callable[[], None],
    ) -> None:
        self.finished: Future[None] = Future()
        self.finished.set_running_or_notify_cancel()
        self._main = main
        self._on_error = on_error
        self._release = release
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._early_calls: list[Callable[[], object]] = []
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="myid-login", daemon=True)

    @property
    def start_called(self) -> bool:
        """Whether ``start`` was called, so that ``finished`` may be waited for."""
        return self.finished.done() or self._thread.ident is not None

    def start(self) -> None:
        """Start, and wait until the coroutine has called ``set_started`` or has ended.

        Raises:
            SignInFailed: the process cannot start a thread; everything is released.
        """
        try:
            _start(self._thread)
        except SignInFailed as error:
            error.__context__ = None  # the caller's own exception, if it is handling one
            self._on_error(error)
            self._end()
            raise
        self._started.wait()

    def set_started(self) -> None:
        """Let ``start`` return."""
        self._started.set()

    def call_soon(self, callback: Callable[[], object]) -> None:
        """Call something in the loop, from another thread.

        Before the loop exists, the call is kept and made first of all; after its end it is dropped.
        """
        # A message and not a thread: it must work where no thread can be started.
        with self._lock:
            if self._loop is None:
                self._early_calls.append(callback)
                return
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(callback)

    def run_coroutine(self, make: Callable[[], Coroutine[Any, Any, T] | None]) -> T | None:
        """Run a coroutine in the loop, from another thread, and return its result.

        Args:
            make: called in the loop; may return None instead of a coroutine.

        Returns:
            The result; None if the loop does not run, or ends before the coroutine does.
        """
        result: Future[T | None] = Future()
        if self.finished.done() or self._loop is None:
            return None
        self.call_soon(lambda: _run_into(make(), result))
        # A loop that is closing takes calls and drops them: ``result`` alone could wait forever.
        either: tuple[Future[Any], ...] = (result, self.finished)
        wait(either, return_when=FIRST_COMPLETED)
        return result.result() if result.done() else None

    def _run(self) -> None:
        try:
            # On Windows, only this kind of loop can share a listening socket with another loop.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                with self._lock:
                    self._loop = runner.get_loop()
                    for callback in self._early_calls:
                        self._loop.call_soon(callback)
                runner.run(self._main())
        except Exception as error:  # noqa: BLE001 - a process without files or memory left
            self._on_error(error)
        finally:
            self._end()

    def _end(self) -> None:
        try:
            self._release()
        finally:
            self._started.set()
            self.finished.set_result(None)


def deferred_interrupts(call: Callable[[], T]) -> T:
    """Return the result of a short call that an interrupt must not leave half done.

    Args:
        call: takes nothing; only a second interrupt ends it.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel; the call was completed first.
    """
    interrupted = threading.Event()

    def handle() -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    with on_interrupt(handle):
        result = call()
    if interrupted.is_set():
        raise KeyboardInterrupt
    return result


@contextlib.contextmanager
def on_interrupt(handle: Callable[[], None]) -> Iterator[None]:
    """Handle interrupts with a function of our own; only the main thread has signals.

    Args:
        handle: takes nothing; may raise.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, lambda *_: handle())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)


def _run_into(coroutine: Coroutine[Any, Any, T] | None, result: Future[T | None]) -> None:
    def on_done(task: asyncio.Task[T]) -> None:
        if task.cancelled():
            result.set_result(None)
        elif (error := task.exception()) is not None:
            result.set_exception(error)
        else:
            result.set_result(task.result())

    if coroutine is None:
        result.set_result(None)
    else:
        asyncio.get_running_loop().create_task(coroutine).add_done_callback(on_done)


def _start(thread: threading.Thread) -> None:
    try:
        thread.start()
    except RuntimeError as error:
        reason = str(error)
    else:
        return
    # Outside the handler, so that the caller's frames are not its context.
    raise SignInFailed(
        f"The kernel could not start a thread for the sign-in ({reason}). Close other work or "
        "restart the kernel, then sign in again. If the problem persists, ask the "
        "administrator of this machine."
    )


class NameLock:
    """A lock for threads and for tasks, with an owner. Waiters are not served in order.

    Two waiters may sit in one thread, one nested in the other: only the inner one can proceed.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._owner: object | None = None
        self._released: Future[None] = Future()

    def acquire(self, owner: object) -> Future[None] | None:
        """Take the lock and return None, or return what is done at its next release."""
        with self._guard:
            if self._owner is not None:
                return self._released
            self._owner = owner
            return None

    def release(self, owner: object) -> None:
        """Release the lock; does nothing if ``owner`` does not hold it."""
        with self._guard:
            if self._owner is not owner:
                return
            self._owner = None
            released, self._released = self._released, Future()
        released.set_result(None)
