"""Rendezvous files: where the listener of each pending sign-in is, found by the state."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from errno import ENOTDIR, EPERM
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR

from jupyter_core.paths import jupyter_runtime_dir

from myid_notebook.machine.processes import has_ended, machine_name, pid_namespace, read_own_file

MAX_FILE_SIZE = 4096
"""Bytes of a rendezvous file that are read at most."""

RELAY_PATH = "/relay"
"""Where a listener takes relayed redirects."""

RELAY_KEY_HEADER = "x-myid-relay-key"
"""The request header that carries the relay key."""

UNREADABLE_FILE_TIMEOUT = 24 * 3600.0
"""Seconds after which a file that cannot be read is removed."""

CLOCK_SKEW = 3600.0
"""Seconds by which the clock may be set forward before a pending sign-in counts as expired."""

_MAX_LIFETIME = 7 * 24 * 3600.0
"""Seconds; longer than any sign-in."""


def folder() -> Path:
    """Return the folder of this user's rendezvous files."""
    return Path(jupyter_runtime_dir()) / "myid-notebook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendezvous:
    """Where the listener of one pending sign-in is; holds no OAuth secret.

    Args:
        port: TCP port on 127.0.0.1.
        relay_key: what a relay sends to prove that it can read this file.
        host: name of the machine the kernel runs on.
        lifetime: seconds the sign-in has in total. Not the time of its end: clocks are set, and
            ``time.monotonic`` stands still while a laptop sleeps. Only the listener knows for
            certain whether it has expired.
        pid_namespace: of ``pid``; containers with one host name may share this folder.
    """

    port: int
    relay_key: str = field(repr=False)
    pid: int
    host: str
    lifetime: float
    pid_namespace: str = ""

    def write(self, state: str) -> Path:
        """Write the file, readable by this user only, and return its path.

        Args:
            state: of the authorization request; only its hash is stored, as the file's name.

        Raises:
            OSError: the runtime folder cannot be written, or belongs to another user.
        """
        path = _path(state)
        write_private_file(path, asdict(self))
        return path


def write_private_file(path: Path, members: dict[str, object]) -> None:
    """Write a new JSON file that only this user can read, in the folder of rendezvous files.

    Raises:
        OSError: the folder cannot be written, or belongs to another user; no file is left.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_private(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(members, file)
    except OSError:  # a full disk
        path.unlink()
        raise


def find_by_state(state: str) -> Rendezvous | None:
    """Return the rendezvous of a state (any text), or None if there is no valid file."""
    return _read(_path(state))


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
        found = _read(path)
        with contextlib.suppress(OSError):
            if found is not None and not _is_expired(path, found):
                yield found


def remove_expired() -> None:
    """Remove the files of expired sign-ins and old unreadable ones."""
    for path in _files():
        found = _read(path)
        with contextlib.suppress(OSError):
            if _is_expired(path, found) if found else _age(path) > UNREADABLE_FILE_TIMEOUT:
                path.unlink()


def _path(state: str) -> Path:
    # A received state may contain a lone surrogate, which UTF-8 cannot encode.
    return folder() / f"{sha256(state.encode(errors='replace')).hexdigest()}.json"


def _files() -> list[Path]:
    try:
        return [path for path in folder().iterdir() if path.suffix == ".json"]
    except OSError:
        return []


def _read(path: Path) -> Rendezvous | None:
    try:
        found = Rendezvous(**json.loads(read_own_file(path, MAX_FILE_SIZE)))
        return found if _is_usable(found) else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _is_usable(found: Rendezvous) -> bool:
    # type() is int: a JSON true would pass isinstance.
    return (
        type(found.port) is int
        and 0 < found.port < 65536  # noqa: PLR2004 - TCP's own limit
        and isinstance(found.relay_key, str)
        and found.relay_key.isascii()
        and found.relay_key.isprintable()  # it is sent as a header
        and isinstance(found.host, str)
        and type(found.pid) is int
        and found.pid > 0
        and type(found.lifetime) in {int, float}
        and 0 < found.lifetime < _MAX_LIFETIME
        and isinstance(found.pid_namespace, str)
    )


def _is_expired(path: Path, found: Rendezvous) -> bool:
    here = (machine_name(), pid_namespace())
    is_killed = here == (found.host, found.pid_namespace) and has_ended(found.pid)
    return is_killed or _age(path) > found.lifetime + CLOCK_SKEW


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _make_private(home: Path) -> None:
    if os.name == "posix":
        found = home.lstat()
        if not S_ISDIR(found.st_mode):
            raise NotADirectoryError(ENOTDIR, "No folder of its own", str(home))
        if found.st_uid != os.getuid():
            raise PermissionError(EPERM, "Belongs to another user", str(home))
        if found.st_mode & 0o077:
            home.chmod(0o700)
