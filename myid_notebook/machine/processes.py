"""Processes of this machine, and how to read the files they leave for each other."""

from __future__ import annotations

import os
import socket
from errno import EPERM
from pathlib import Path


def machine_name() -> str:
    """Return the host name, by which rendezvous files distinguish machines."""
    return socket.gethostname()


def pid_namespace() -> str:
    """Return the name of this process's pid namespace; empty if the system has none.

    Containers may share host name and home folder, but each numbers its processes from 1.
    """
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def has_ended(pid: int) -> bool:
    """Return whether a process has certainly ended; its id must be of this pid namespace."""
    if os.name != "posix":
        return False  # on Windows, os.kill would terminate it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def read_own_file(path: Path, max_bytes: int) -> bytes:
    """Return the first bytes of a file of this user; a pipe in its place does not block.

    Raises:
        OSError: it cannot be read, is a link, or belongs to another user.
    """
    with open(path, "rb", opener=_open_nofollow) as file:
        if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
            raise PermissionError(EPERM, "Left by another user", str(path))
        return file.read(max_bytes) or b""  # None from an empty pipe


def _open_nofollow(path: str, flags: int) -> int:
    # Does not follow a link and does not wait for a pipe. Windows has neither flag.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
