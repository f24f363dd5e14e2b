"""Processes of this machine."""

from __future__ import annotations

import os
import socket
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
