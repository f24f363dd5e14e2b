"""Matching of search values: case ignored, ``*`` a wildcard (OC 4.1)."""

import re
from collections.abc import Iterable

MAX_ROWS = 200
"""The rows of a standard search, where MyID cuts (OC 3.3)."""


class Criterion:
    """One search value.

    With a ``*`` the whole text must match it; without one, the whole text or a part of it,
    depending on the question asked.
    """

    def __init__(self, value: str) -> None:
        value = value.strip()
        self._wild = "*" in value
        parts = (re.escape(part) for part in value.split("*"))
        self._pattern = re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)

    def equals(self, text: str) -> bool:
        """Tell whether the whole ``text`` matches."""
        return bool(self._pattern.fullmatch(text))

    def is_in(self, texts: Iterable[str]) -> bool:
        """Tell whether one of ``texts`` matches wholly or, without a wildcard, contains it."""
        match = self._pattern.fullmatch if self._wild else self._pattern.search
        return any(match(text) for text in texts)
