"""Text for an output that may not know all its characters."""

from __future__ import annotations

_PLAIN = str.maketrans(
    {"✓": "ok", "✗": "WRONG", "•": "note", "→": "->", "…": "...", "“": '"', "”": '"', "\u2019": "'"}
)
"""What stands for the marks of a report where they cannot be written."""


def writable(text: str, encoding: str | None) -> str:
    """Return a text that an output can take: where it cannot, in plainer characters.

    Args:
        text: of any content.
        encoding: of the output, such as ``"cp1252"`` where Windows redirects it to a file; None
            where it takes any character.
    """
    if encoding is None or _fits(text, encoding):
        return text
    return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
