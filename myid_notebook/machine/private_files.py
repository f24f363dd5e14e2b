"""Files in the runtime folder by which processes of one user find each other, and nobody else."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import uuid
from dataclasses import asdict, dataclass, field, fields
from errno import ENOTDIR, EPERM
from pathlib import Path
from stat import S_ISDIR
from typing import Self

from jupyter_core.paths import jupyter_runtime_dir

MAX_FILE_SIZE = 4096
"""Bytes of a private file that are read at most."""


CLOCK_SKEW = 3600.0
"""Seconds by which the clock may be set forward before the time of a file is over."""

_YEAR_3000 = 32_503_680_000.0
_MULTICAST = 1 << 40


def folder() -> Path:
    """Return the folder of this user's private files."""
    return Path(jupyter_runtime_dir()) / "myid-notebook"


def pid_namespace() -> str:
    """Return the name of this process's pid namespace; empty if the system has none.

    Containers may share a home folder, but each numbers its processes from 1.
    """
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def machine() -> str:
    """Return what stands for this machine, whose ports are the same for all its processes.

    Not its name, which changes with the network of a laptop. On Linux its boot and the network
    namespace, because a container has ports of its own; elsewhere an id that it keeps.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/net').readlink()}"
    except (OSError, ValueError):
        pass
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - only there

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    node = uuid.getnode()  # random in each process where there is no network card
    return socket.gethostname() if node & _MULTICAST else f"{node:012x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a process of this user listens; holds no OAuth secret.

    Args:
        port: TCP port on 127.0.0.1.
        key: what others send there to prove that they can read this file.
        valid_until: when the file may be removed, in seconds since 1970 UTC: nobody can know
            whether a process in another container has ended.
        pid: of the process.
        machine: that the process runs on.
        pid_namespace: of ``pid``; containers may share this folder.
    """

    port: int
    key: str = field(repr=False)
    valid_until: float
    pid: int = field(default_factory=os.getpid)
    machine: str = field(default_factory=machine)
    pid_namespace: str = field(default_factory=pid_namespace)

    @property
    def is_on_this_machine(self) -> bool:
        """Whether ``port`` is one of this machine; home folders are shared between machines."""
        return self.machine == machine()

    @property
    def counts_like_this_process(self) -> bool:
        """Whether ``pid`` means the same process here."""
        return self.is_on_this_machine and self.pid_namespace == pid_namespace()

    @property
    def has_ended(self) -> bool:
        """Whether the process has certainly ended; another program may have its port by now."""
        return self.counts_like_this_process and has_ended(self.pid)

    @property
    def is_over(self) -> bool:
        """Whether the process has ended, or the time of the file is over."""
        return self.has_ended or time.time() > self.valid_until + CLOCK_SKEW

    def write_to(self, path: Path) -> None:
        """Write a new file.

        Args:
            path: in the folder of private files, which is made if it is not there.

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
            and type(found.valid_until) in {int, float}
            and 0 < found.valid_until < _YEAR_3000
            and isinstance(found.machine, str)
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
