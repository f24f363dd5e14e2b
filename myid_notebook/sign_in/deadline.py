"""The deadline of a sign-in."""

from __future__ import annotations

import time

DEFAULT_TIMEOUT = 300.0
"""Seconds for the wait and the exchange together; MyID's codes expire after as many."""


class Deadline:
    """A deadline on a clock that nobody sets and that counts while the machine sleeps.

    On Linux that is ``CLOCK_BOOTTIME``; elsewhere it is as good as ``time.monotonic``.

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
