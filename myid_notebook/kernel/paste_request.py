"""The wish to paste an address, from a button to the cell that waits."""

from __future__ import annotations

from collections.abc import Callable


class PasteRequest:
    """Noted in one thread, heeded in another.

    Args:
        wanted: whether the wish is there from the start.

    Attributes:
        wanted: whether the address should be asked for.
    """

    def __init__(self, *, wanted: bool = False) -> None:
        self.wanted = wanted
        self._wake: Callable[[], object] | None = None

    def when_wanted(self, wake: Callable[[], object]) -> None:
        """Call something when the wish comes.

        Args:
            wake: takes nothing, does not block; called in the thread of the wish.
        """
        self._wake = wake

    def make(self) -> None:
        """Note the wish and wake the cell that waits, if one does."""
        self.wanted = True
        if self._wake is not None:
            self._wake()
