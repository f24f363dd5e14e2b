"""How a kernel and the token store of its Jupyter server talk: where, and what stays the same.

The server writes its address into a file that only this user can read, and tells its kernels the
path. The file holds no token. Each request and each response is one line of JSON.
"""

from __future__ import annotations

import contextlib
import os
import time
from hashlib import sha256
from pathlib import Path

from myid_notebook.machine.private_files import Address, folder
from myid_notebook.settings.table import IDENTITY

STORE_VARIABLE = "MYID_NOTEBOOK_TOKEN_STORE"
"""The environment variable in which the extension tells its kernels the path of the file."""

MATCH_MEMBERS = ("name", *IDENTITY)
"""What must be the same for a token to be shared, besides the notebook."""

MAX_LINE = 65_536
"""Bytes of a line; tokens of MyID have some 1,500."""

_SUFFIX = ".store"


def write_address(port: int, key: str) -> Path:
    """Write the address file of a store in this process, and return its path.

    Raises:
        OSError: the runtime folder cannot be written, or belongs to another user.
    """
    path = folder() / f"{os.getpid()}-{time.time_ns()}{_SUFFIX}"
    Address(port=port, key=key).write_to(path)
    return path


def read_address(path: Path) -> Address | None:
    """Return the address in a file of this user; None if there is none that can be used here."""
    if path.parent != folder() or path.suffix != _SUFFIX:  # the environment may say anything
        return None
    found = Address.read_from(path)
    return found if found and found.is_on_this_machine else None


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


def digest(access_token: str) -> str:
    """Return what stands for a token where the token itself need not be told."""
    return sha256(access_token.encode()).hexdigest()
