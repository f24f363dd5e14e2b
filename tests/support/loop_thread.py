"""An event loop in a thread, so that a test talks to what runs in it from outside."""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

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
        """Run something in the loop and return its result.

        Args:
            coroutine: what to run.
            timeout: seconds.
        """
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
