"""Processes of this machine, and the files they leave for each other."""

from __future__ import annotations

import os
import socket
from errno import EPERM
from pathlib import Path


def machine_name() -> str:
    """Return the name by which rendezvous files notify machines apart."""
    return socket.gethostname()


def pid_namespace() -> str:
    """Return the namespace in which process ids count here; empty where there are none.

    Containers of one host name, with one home folder, each count from 1.
    """
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def has_ended(pid: int) -> bool:
    """Return whether a process of this machine has certainly ended.

    Args:
        pid: process id, in this process's own namespace.
    """
    if os.name != "posix":
        return False  # elsewhere asking would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


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
    with open(path, "rb", opener=_open_nofollow) as file:
        if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
            raise PermissionError(EPERM, "Left by another user", str(path))
        return file.read(most) or b""


def _open_nofollow(path: str, flags: int) -> int:
    return os.open(path, flags | _UNLIKELY)
