"""When a sign-in gives up."""

from __future__ import annotations

import time

DEFAULT_TIMEOUT = 300.0
"""Seconds for waiting and exchange together; a code of MyID lives as long."""


class Deadline:
    """Counts by a clock that nobody sets, and that goes on while the machine sleeps.

    Linux has one of its own for that; elsewhere it is as good as ``time.monotonic`` is.

    Args:
        timeout: seconds from now.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._at = _elapsed() + timeout

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, at least 0."""
        return max(0.0, self._at - _elapsed())

    @property
    def seconds_gone(self) -> float:
        """Seconds since the start, at most the timeout."""
        return self.timeout - self.seconds_left


def _elapsed() -> float:
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
