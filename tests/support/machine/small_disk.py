"""A disk of a few kilobytes, mounted over a folder, that fills up or allows no more writing."""

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIZE = 4 * mmap.PAGESIZE
"""Bytes that fit on the disk; the system counts in pages."""

_FILLING = "filling"

needs_mounts = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux may mount"
)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Let a folder lie on a disk of its own, empty at first.

    Args:
        folder: made where there is none; whatever is in it comes back at the end.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(folder))
    try:
        yield
    finally:
        _run("umount", "--lazy", str(folder))


def fill(folder: Path) -> None:
    """Use up the disk: a file can be made there, and nothing written to it.

    Args:
        folder: on a small disk.
    """
    with (folder / _FILLING).open("wb", 0) as file:
        file.write(bytes(SIZE))
        with pytest.raises(OSError, match="No space left"):
            file.write(b"more")


def empty(folder: Path) -> None:
    """Give back the place that ``fill`` took.

    Args:
        folder: on a small disk.
    """
    (folder / _FILLING).unlink()


def forbid_writing(folder: Path) -> None:
    """Make the disk read-only from now on.

    Args:
        folder: on a small disk.
    """
    _run("mount", "-o", "remount,ro", str(folder))


def allow_writing(folder: Path) -> None:
    """Make the disk writable again.

    Args:
        folder: on a small disk.
    """
    _run("mount", "-o", "remount,rw", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
