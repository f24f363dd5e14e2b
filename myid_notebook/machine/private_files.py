"""Files in the runtime folder by which processes of one user find each other, and nobody else."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass, field, fields
from errno import ENOTDIR, EPERM
from pathlib import Path
from stat import S_ISDIR
from typing import Self

from jupyter_core.paths import jupyter_runtime_dir

MAX_FILE_SIZE = 4096
"""Bytes of a private file that are read at most."""


def folder() -> Path:
    """Return the folder of this user's private files."""
    return Path(jupyter_runtime_dir()) / "myid-notebook"


def pid_namespace() -> str:
    """Return the name of this process's pid namespace; empty if the system has none.

    Containers may share host name and home folder, but each numbers its processes from 1.
    """
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a process of this user listens; holds no OAuth secret.

    Args:
        port: TCP port on 127.0.0.1.
        key: what others send there to prove that they can read this file.
        pid: of the process.
        host: name of the machine that the process runs on.
        pid_namespace: of ``pid``; containers with one host name may share this folder.
    """

    port: int
    key: str = field(repr=False)
    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=socket.gethostname)
    pid_namespace: str = field(default_factory=pid_namespace)

    @property
    def is_on_this_machine(self) -> bool:
        """Whether ``port`` is one of this machine; home folders are shared between machines."""
        return self.host == socket.gethostname()

    @property
    def counts_like_this_process(self) -> bool:
        """Whether ``pid`` means the same process here."""
        return self.is_on_this_machine and self.pid_namespace == pid_namespace()

    @property
    def has_ended(self) -> bool:
        """Whether the process has certainly ended; another program may have its port by now."""
        return self.counts_like_this_process and has_ended(self.pid)

    def write_to(self, path: Path) -> None:
        """Write a new file.

        Args:
            path: in the folder of private files.

        Raises:
            OSError: the folder cannot be written, or belongs to another user.
        """
        write_private_file(path, asdict(self))

    @classmethod
    def read_from(cls, path: Path) -> Self | None:
        """Return the address in a file of this user; None if the file holds none."""
        try:
            members = json.loads(read_own_file(path, MAX_FILE_SIZE))
            if members.keys() != {each.name for each in fields(cls)}:
                return None
        except (OSError, ValueError, AttributeError, RecursionError):
            return None
        found = cls(**members)
        # type() is int: a JSON true would pass isinstance.
        is_usable = (
            type(found.port) is int
            and 0 < found.port < 65536  # noqa: PLR2004 - TCP's own limit
            and isinstance(found.key, str)
            and found.key.isascii()
            and found.key.isprintable()  # it is sent as a header
            and type(found.pid) is int
            and found.pid > 0
            and isinstance(found.host, str)
            and isinstance(found.pid_namespace, str)
        )
        return found if is_usable else None


def has_ended(pid: int) -> bool:
    """Return whether a process has certainly ended; its id must be of this pid namespace."""
    if os.name == "posix":  # on Windows, os.kill would terminate it
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            pass
    return False


def write_private_file(path: Path, members: dict[str, object]) -> None:
    """Write a new JSON file that only this user can read, in the folder of private files.

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


def _make_private(home: Path) -> None:
    if os.name == "posix":
        found = home.lstat()
        if not S_ISDIR(found.st_mode):
            raise NotADirectoryError(ENOTDIR, "No folder of its own", str(home))
        if found.st_uid != os.getuid():
            raise PermissionError(EPERM, "Belongs to another user", str(home))
        if found.st_mode & 0o077:
            home.chmod(0o700)
