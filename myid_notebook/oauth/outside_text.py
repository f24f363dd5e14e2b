"""Text that a server sent, made fit for a message."""

from __future__ import annotations

import re

MAX_LENGTH = 200

_OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~%-]{40,}")


def outside_text(text: str) -> str:
    """Return text from outside on one line, cut, without control characters or long opaque values.

    A server may echo what it was sent; anything that could be a code, secret or token is masked.

    Args:
        text: of any length and content.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * MAX_LENGTH]).split())
    line = _OPAQUE.sub("…", line)
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"
