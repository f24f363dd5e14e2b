"""This machine and its processes, as the files of a shared folder name them."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def machine_name() -> str:
    """Return the name by which rendezvous files tell machines apart."""
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
