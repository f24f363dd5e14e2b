"""Who waits for one sign-in."""

from __future__ import annotations

import threading


class Waiters:
    """How many cells and tasks wait for one sign-in: while there are any, others may join them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0

    @property
    def any(self) -> bool:
        """Whether somebody waits."""
        return self._number > 0

    def join(self) -> None:
        """Wait as well."""
        with self._lock:
            self._number += 1

    def leave(self) -> bool:
        """Wait no longer, and return whether nobody does now."""
        with self._lock:
            self._number -= 1
            return self._number == 0
