"""Text of any origin on one line that can be shown."""

from __future__ import annotations

MAX_LENGTH = 200
"""Characters of such a line."""


def one_line(text: str) -> str:
    """Return a text on one line: blanks joined, no control characters, marks or surrogates.

    Args:
        text: of any length and content.
    """
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def cut(line: str) -> str:
    """Return as much of a line as fits, with an ellipsis for the rest.

    Args:
        line: from ``one_line``.
    """
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"
