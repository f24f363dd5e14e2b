"""Another user of this machine: what they can do to a sign-in that is not theirs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

UID = 54321
"""A user id that nobody has. Nothing needs to stand in the system's list of users."""

needs_other_user = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0,
    reason="only root may act as another user, and only Linux tells whose a connection is",
)


BECOME = f"""
import encodings.idna, itertools, os, pathlib, resource, socket, stat, subprocess, sys, time
os.setgroups([])
os.setgid({UID})
os.setuid({UID})
"""
"""Modules first: the other user may not be able to read where Python lives."""


def as_other_user(program: str, *arguments: str) -> str:
    """Run a Python program as the other user and return what it prints.

    Args:
        program: its text; what ``BECOME`` imports is there already.
        arguments: its ``sys.argv[1:]``.
    """
    run = subprocess.run(
        [sys.executable, "-I", "-c", BECOME + program, *arguments],
        cwd="/",
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@contextmanager
def other_user(program: str, *arguments: str) -> Iterator[str]:
    """Let the other user run a program until the end of the block, and yield its first line.

    Args:
        program: as for ``as_other_user``.
        arguments: its ``sys.argv[1:]``.
    """
    command = [sys.executable, "-I", "-c", BECOME + program, *arguments]
    with subprocess.Popen(
        command, cwd="/", env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
