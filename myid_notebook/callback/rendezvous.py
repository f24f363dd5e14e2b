"""The file in which a pending sign-in says where its listener is."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from errno import ENOTDIR, EPERM
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR

from jupyter_core.paths import jupyter_runtime_dir

from myid_notebook.machine.processes import has_ended, machine_name, pid_namespace, read_own_file

MAX_SIZE = 4096
"""Bytes of a rendezvous file that are read at the most."""

FORGOTTEN_AFTER = 24 * 3600.0
"""Seconds after which a file that nobody can read is taken for rubbish."""

CLOCK_SKEW = 3600.0
"""Seconds by which clocks may be set forward without a pending sign-in being taken for over."""

_LONGEST = 7 * 24 * 3600.0
"""Seconds; no sign-in lives as long."""


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
        lifetime: seconds the sign-in has in all. Not the moment of its end: clocks are set, and
            stand still while a laptop sleeps.
        bound: the redirect URI whose own address the listener holds too; None where it does not.
        pid_namespace: in which ``pid`` counts; containers of one host name may share this file.
    """

    port: int
    relay_key: str = field(repr=False)
    pid: int
    host: str
    lifetime: float
    bound: str | None = None
    pid_namespace: str = ""

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
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(self), file)
        except OSError:  # a full disk
            path.unlink()
            raise
        return path


def find(state: str) -> Rendezvous | None:
    """Return the rendezvous of a state, or None where there is none that can be read.

    Args:
        state: as it came in a redirect; of any content.
    """
    return _read(_path(state))


def pending() -> Iterator[Rendezvous]:
    """Yield every rendezvous of this user whose sign-in is not over."""
    for path in _files():
        rendezvous = _read(path)
        with contextlib.suppress(OSError):
            if rendezvous is not None and not _is_over(path, rendezvous):
                yield rendezvous


def is_bound(redirect_uri: str) -> bool:
    """Return whether a pending sign-in of this user holds an address of this machine.

    Args:
        redirect_uri: at that address.
    """
    here = machine_name()
    return any(each.bound == redirect_uri and each.host == here for each in pending())


def sweep() -> None:
    """Remove the files of sign-ins that are over; leave every other file alone."""
    for path in _files():
        rendezvous = _read(path)
        with contextlib.suppress(OSError):
            if _is_over(path, rendezvous) if rendezvous else _age(path) > FORGOTTEN_AFTER:
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
        found = Rendezvous(**json.loads(read_own_file(path, MAX_SIZE)))
        return found if _is_usable(found) else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _is_usable(found: Rendezvous) -> bool:
    # JSON's true and false are ints to Python.
    return (
        type(found.port) is int
        and 0 < found.port < 65536  # noqa: PLR2004 - TCP's own limit
        and isinstance(found.relay_key, str)
        and found.relay_key.isascii()
        and found.relay_key.isprintable()  # it becomes a header
        and isinstance(found.host, str)
        and type(found.pid) is int
        and found.pid > 0
        and type(found.lifetime) in {int, float}
        and 0 < found.lifetime < _LONGEST
        and isinstance(found.bound, str | None)
        and isinstance(found.pid_namespace, str)
    )


def _is_over(path: Path, rendezvous: Rendezvous) -> bool:
    here = (machine_name(), pid_namespace())
    killed = here == (rendezvous.host, rendezvous.pid_namespace) and has_ended(rendezvous.pid)
    return killed or _age(path) > rendezvous.lifetime + CLOCK_SKEW


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _check_private(home: Path) -> None:
    if os.name == "posix":
        found = home.lstat()
        if not S_ISDIR(found.st_mode):
            raise NotADirectoryError(ENOTDIR, "No folder of its own", str(home))
        if found.st_uid != os.getuid():
            raise PermissionError(EPERM, "Belongs to another user", str(home))
        if found.st_mode & 0o077:
            home.chmod(0o700)
