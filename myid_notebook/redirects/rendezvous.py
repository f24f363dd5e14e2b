"""The file in which a pending sign-in says where its listener is."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

MAX_SIZE = 4096
"""Bytes of a rendezvous file that are read at the most."""

FORGOTTEN_AFTER = 24 * 3600.0
"""Seconds after which a file that nobody can read is taken for rubbish."""


_NEVER = 1e11
"""Seconds since 1970; no sign-in ends as late as in 3,000 years."""


def folder() -> Path:
    """Return where the rendezvous files of this user are."""
    return Path(jupyter_runtime_dir()) / "myid-notebook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendezvous:
    """Where the listener of one pending sign-in is; holds no OAuth secret.

    Args:
        port: TCP port on 127.0.0.1.
        relay_key: proof that a relay could read this file.
        pid: process id of the kernel.
        host: name of the machine the kernel runs on.
        expires_at: seconds since 1970 UTC.
        bound: the redirect URI whose own address the listener holds too; None where it does not.
    """

    port: int
    relay_key: str = field(repr=False)
    pid: int
    host: str
    expires_at: float
    bound: str | None = None

    def write(self, state: str) -> Path:
        """Write the file, readable by this user only, and return its path.

        Args:
            state: of the authorization request; only its hash goes to the disk.

        Raises:
            OSError: the runtime folder cannot be written, or is another user's.
        """
        home = folder()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(home)
        path = _path(state)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        return path

    @property
    def expired(self) -> bool:
        """Whether the sign-in's time is over."""
        return time.time() >= self.expires_at


def find(state: str) -> Rendezvous | None:
    """Return the rendezvous of a state, or None where there is none that can be read.

    Args:
        state: as it came in a redirect; of any content.
    """
    return _read(_path(state))


def pending() -> Iterator[Rendezvous]:
    """Yield every rendezvous of this user whose time is not over."""
    for path in _files():
        rendezvous = _read(path)
        if rendezvous is not None and not rendezvous.expired:
            yield rendezvous


def sweep() -> None:
    """Remove the files of sign-ins whose time is over; leave every other file alone."""
    for path in _files():
        rendezvous = _read(path)
        with contextlib.suppress(OSError):
            if rendezvous.expired if rendezvous else _is_forgotten(path):
                path.unlink()


def _path(state: str) -> Path:
    # A state from outside may hold a lone surrogate, which has no UTF-8.
    return folder() / f"{sha256(state.encode(errors='replace')).hexdigest()}.json"


def _files() -> list[Path]:
    try:
        return [path for path in folder().iterdir() if path.suffix == ".json"]
    except OSError:
        return []


def _read(path: Path) -> Rendezvous | None:
    try:
        with path.open("rb") as file:
            members = json.loads(file.read(MAX_SIZE))
        found = Rendezvous(**members)
        valid = (
            isinstance(found.port, int)
            and 0 < found.port < 65536  # noqa: PLR2004 - TCP's own limit
            and isinstance(found.relay_key, str)
            and isinstance(found.host, str)
            and isinstance(found.expires_at, int | float)
            and 0 < found.expires_at < _NEVER
        )
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return found if valid else None


def _is_forgotten(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > FORGOTTEN_AFTER


def _check_private(home: Path) -> None:
    if os.name == "posix":
        found = home.stat()
        if found.st_uid != os.getuid():
            raise PermissionError(f"{home} belongs to another user")
        if found.st_mode & 0o077:
            home.chmod(0o700)
