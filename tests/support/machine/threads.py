"""Threads: many at the same moment, one with an event loop, and waiting for what they do."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar


def run_concurrently(threads: int, work: Callable[[int], None]) -> list[BaseException]:
    """Let threads work and return what they raised.

    Args:
        work: takes the number of its thread.
    """
    barrier, failures = threading.Barrier(threads, timeout=60), []

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            failures.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    return failures


def call_in_time(call: Callable[[], object], timeout: float = 20) -> None:
    """Call something in a thread, which must come back.

    Args:
        call: takes nothing; raises nothing.
        timeout: seconds; far more than it needs.

    Raises:
        TimeoutError: it did not.
    """
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        raise TimeoutError


T = TypeVar("T")


class LoopThread:
    """A running event loop, to be used as a context manager.

    Raises:
        AssertionError: at the end, if something in the loop failed and nobody took notice.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _, context: self._failures.append(context))
        self._failures: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._loop.run_forever)

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float = 20) -> T:
        """Run something in the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.call(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._failures:
            raise AssertionError(self._failures)

    async def _finish(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 5)


def wait_until(condition: Callable[[], object], timeout: float = 10) -> None:
    """Wait until a condition holds, looking less and less often.

    Args:
        condition: takes nothing; many ask a server or a kernel.

    Raises:
        TimeoutError: it did not.
    """
    deadline, pause = time.monotonic() + timeout, 0.01
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(pause)
        pause = min(pause * 1.3, 0.1)
