"""Rendezvous files: where the listener of each pending sign-in is, found by the state."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from myid_notebook.machine.private_files import (
    MAX_FILE_SIZE,
    Address,
    folder,
    read_own_file,
    write_private_file,
)

RELAY_PATH = "/relay"
"""Where a listener takes relayed redirects."""

RELAY_KEY_HEADER = "x-myid-relay-key"
"""The request header that carries the relay key."""

UNREADABLE_FILE_TIMEOUT = 24 * 3600.0
"""Seconds after which a file that cannot be read is removed."""


class Rendezvous(Address):
    """Where the listener of one pending sign-in is.

    It is valid until the end of the sign-in. Only the listener knows for certain when that is:
    clocks are set, and ``time.monotonic`` stands still while a laptop sleeps.
    """

    __slots__ = ()

    def write(self, state: str) -> Path:
        """Write the file and return its path.

        Args:
            state: of the authorization request; only its hash is stored, as the file's name.

        Raises:
            OSError: the runtime folder cannot be written, or belongs to another user.
        """
        path = _path(state)
        self.write_to(path)
        return path


def find_by_state(state: str) -> Rendezvous | None:
    """Return the rendezvous of a state (any text), or None if there is no valid file."""
    return Rendezvous.read_from(_path(state))


@contextlib.contextmanager
def challenge() -> Iterator[tuple[str, str]]:
    """Yield a challenge, and the proof that only a program that can read this folder can give.

    Both are empty if the folder cannot be written.
    """
    asked, proof = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    path = _path(asked)
    try:
        # What a killed process leaves of it is removed as any other file that is no rendezvous.
        write_private_file(path, {"proof": proof})
    except OSError:
        yield "", ""
        return
    try:
        yield asked, proof
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def proof_for(asked: str) -> str:
    """Return the proof for a challenge, any text; empty if this user made no such challenge."""
    try:
        members = json.loads(read_own_file(_path(asked), MAX_FILE_SIZE))
        proof = members.get("proof")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    return proof if isinstance(proof, str) else ""


def pending() -> Iterator[Rendezvous]:
    """Yield the rendezvous of every pending sign-in of this user."""
    for path in _files():
        found = Rendezvous.read_from(path)
        if found is not None and not found.is_over:
            yield found


def remove_expired() -> None:
    """Remove the files of expired sign-ins and old unreadable ones."""
    for path in _files():
        found = Rendezvous.read_from(path)
        with contextlib.suppress(OSError):
            if found.is_over if found else _age(path) > UNREADABLE_FILE_TIMEOUT:
                path.unlink()


def _path(state: str) -> Path:
    # A received state may contain a lone surrogate, which UTF-8 cannot encode.
    return folder() / f"{sha256(state.encode(errors='replace')).hexdigest()}.json"


def _files() -> list[Path]:
    try:
        return [path for path in folder().iterdir() if path.suffix == ".json"]
    except OSError:
        return []


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
