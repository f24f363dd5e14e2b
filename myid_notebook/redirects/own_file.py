"""Reading the small files that programs of one user leave for each other."""

from __future__ import annotations

import os
from errno import EPERM
from pathlib import Path

_UNLIKELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""A link is not followed, a pipe not waited for; Windows knows neither."""


def read_own_file(path: Path, most: int) -> bytes:
    """Return the beginning of a file; nothing that stands in its place keeps the reader waiting.

    Args:
        path: of the file.
        most: bytes to read.

    Raises:
        OSError: it cannot be read, is a link, a pipe or the like, or was left by another user.
    """
    with open(path, "rb", opener=_open) as file:
        if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
            raise PermissionError(EPERM, "Left by another user", str(path))
        return file.read(most) or b""


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | _UNLIKELY)
