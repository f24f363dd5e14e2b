"""Text that a server sent, made fit for a message."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_LENGTH = 200

_OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~%-]{40,}")
_SHORTEST_SECRET = 4
"""Characters; masking anything shorter would only garble the message."""


def outside_text(text: str, hidden: Iterable[str] = ()) -> str:
    """Return text from outside on one line, cut, without control characters or long opaque values.

    A server may echo what it was sent; anything that could be a code, secret or token is masked.

    Args:
        text: of any length and content.
        hidden: values that must not be shown, however short and plain they look.
    """
    line = _line(text)
    # On the line as it is shown, and before it is cut: half a secret is no secret to `replace`.
    for value in sorted(map(_line, hidden), key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            line = line.replace(value, "…")
    return _cut(_OPAQUE.sub("…", line))


def outside_url(url: str) -> str:
    """Return a URL from outside on one line, cut, but otherwise as it is.

    Args:
        url: of any length and content; one that cannot hold a secret.
    """
    return _cut(_line(url))


def _line(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"
