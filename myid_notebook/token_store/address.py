"""How a kernel and the token store of its Jupyter server talk: where, and what stays the same.

The server writes its address into a file that only this user can read, and tells its kernels the
path. The file holds no token.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from myid_notebook.machine.private_files import Address, folder
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.settings.table import IDENTITY

STORE_VARIABLE = "MYID_NOTEBOOK_TOKEN_STORE"
"""The environment variable in which the extension tells its kernels the path of the file."""

REFRESH_VARIABLE = "MYID_NOTEBOOK_REFRESH"
"""The environment variable that is ``off`` where an administrator forbids refresh tokens."""

MATCH_MEMBERS = ("name", *IDENTITY)
"""What must be the same for a sign-in to be shared, besides the notebook."""

_SUFFIX = ".store"


VALIDITY = 3600.0
"""Seconds for which an address file is valid; its server prolongs that."""


def new_path() -> Path:
    """Return the path of an address file for a store in this process."""
    return folder() / f"{os.getpid()}-{time.time_ns()}{_SUFFIX}"


def write_address(path: Path, port: int, key: str) -> None:
    """Write the address file of a store, or write it anew.

    Raises:
        OSError: the runtime folder cannot be written, or belongs to another user.
    """
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    Address(port=port, key=key, valid_until=time.time() + VALIDITY).write_to(new)
    new.replace(path)


def read_address(path: Path) -> Address | None:
    """Return the address in a file of this user; None if there is none that can be used here."""
    if path.parent != folder() or path.suffix != _SUFFIX:  # the environment may say anything
        return None
    found = Address.read_from(path)
    return found if found and found.is_on_this_machine else None


def remove_files_of_ended_servers() -> None:
    """Remove the files that ended servers left behind."""
    for path in folder().glob(f"*{_SUFFIX}"):
        found = Address.read_from(path)
        if found and found.is_over:
            with contextlib.suppress(OSError):
                path.unlink()


def token_from(given: Mapping[str, Any]) -> TokenResponse:
    """Return the token of a line, in which it stands as ``dataclasses.asdict`` makes it.

    Raises:
        KeyError, TypeError: it is malformed.
    """
    secret = {
        name: None if given[name] is None else Secret(given[name])
        for name in ("access_token", "refresh_token")
    }
    return TokenResponse(**{**given, **secret})
