"""Where the token store of a Jupyter server listens: a file that only this user can read.

The server writes it and tells its kernels the path. It holds no token.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from myid_notebook.callback.rendezvous import folder, write_private_file
from myid_notebook.machine.processes import has_ended, machine_name, pid_namespace, read_own_file

STORE_VARIABLE = "MYID_NOTEBOOK_TOKEN_STORE"
"""The environment variable in which the extension tells its kernels the path of the file."""

_SUFFIX = ".store"
_MAX_FILE_SIZE = 4096
"""Bytes of the file that are read at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Where a token store listens.

    Args:
        port: TCP port on 127.0.0.1.
        key: what a kernel sends to prove that it can read this file.
        pid: of the Jupyter server.
        host: name of the machine the server runs on.
        pid_namespace: of ``pid``; containers with one host name may share this folder.
    """

    port: int
    key: str = field(repr=False)
    pid: int
    host: str
    pid_namespace: str = ""

    @classmethod
    def of_this_process(cls, port: int, key: str) -> StoreAddress:
        """Return the address of a store in this process."""
        return cls(
            port=port,
            key=key,
            pid=os.getpid(),
            host=machine_name(),
            pid_namespace=pid_namespace(),
        )

    @property
    def has_ended(self) -> bool:
        """Whether the server has certainly ended; another program may have its port by now."""
        return self.pid_namespace == pid_namespace() and has_ended(self.pid)

    def write(self) -> Path:
        """Write the file, readable by this user only, and return its path.

        Raises:
            OSError: the runtime folder cannot be written, or belongs to another user.
        """
        path = folder() / f"{self.pid}-{time.time_ns()}{_SUFFIX}"
        write_private_file(path, asdict(self))
        return path


def read_address(path: Path) -> StoreAddress | None:
    """Return the address in a file of this user; None if there is none that can be used here."""
    if path.parent != folder() or path.suffix != _SUFFIX:  # the environment may say anything
        return None
    try:
        found = StoreAddress(**json.loads(read_own_file(path, _MAX_FILE_SIZE)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    usable = (
        type(found.port) is int
        and 0 < found.port < 65536  # noqa: PLR2004 - TCP's own limit
        and isinstance(found.key, str)
        and type(found.pid) is int
        and found.pid > 0
        and isinstance(found.pid_namespace, str)
        and found.host == machine_name()
    )
    return found if usable else None


def remove_files_of_ended_servers() -> float:
    """Remove the files that ended servers left behind.

    Returns:
        Until when the last of their sign-ins would have been valid, in seconds since 1970 UTC; 0
        if they had none.
    """
    until = 0.0
    for path in folder().glob(f"*{_SUFFIX}"):
        found = read_address(path)
        if found and found.has_ended:
            with contextlib.suppress(OSError):
                until = max(until, path.stat().st_atime)
                path.unlink()
    return until


def stamp(path: Path, *, valid_until: float, forgotten: bool) -> None:
    """Note two things in the times of an address file; its content stays.

    The time of access says until when the last sign-in is valid, for the next server to know that
    there was one. The time of change tells kernels, which look at it before each request, that a
    token was forgotten; that costs them a microsecond.
    """
    with contextlib.suppress(OSError):
        changed = path.stat().st_mtime_ns
        if forgotten:
            changed = max(time.time_ns(), changed + 1)
        os.utime(path, ns=(int(valid_until * 1e9), changed))
