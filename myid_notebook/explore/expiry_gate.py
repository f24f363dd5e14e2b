"""Hold back the calls of a run while nobody is signed in, or while MyID asks to wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable

POLL_INTERVAL = 0.5
"""Seconds between looks at whether the run has ended."""


class ExpiryGate:
    """The calls of a run that are still to be made, handed out one by one.

    Threads take calls and put back those that met an expired session; the main thread opens and
    closes.

    Args:
        paths: what to call, each once.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = deque(paths)
        self._open = threading.Event()
        self._ended = threading.Event()
        self._not_before = 0.0
        self._open.set()

    def take(self) -> str | None:
        """Return the next call to make, or None if the run has ended or no call is left.

        Waits while the gate is closed.
        """
        while not self._ended.is_set():
            if not self._open.wait(POLL_INTERVAL):
                continue
            if (seconds := self._not_before - time.monotonic()) > 0:
                self._ended.wait(seconds)
                continue
            try:
                return self._paths.popleft()
            except IndexError:
                return None
        return None

    def put_back(self, path: str) -> None:
        """Make a call again later, and close the gate until somebody has signed in."""
        self._open.clear()
        self._paths.appendleft(path)

    def open(self) -> None:
        """Hand out calls again."""
        self._open.set()

    def pause(self, seconds: float) -> bool:
        """Hold every call back for some seconds, and return whether the run has ended."""
        self._not_before = max(self._not_before, time.monotonic() + seconds)
        return self._ended.wait(seconds)

    def end(self) -> None:
        """Hand out nothing any more."""
        self._ended.set()
