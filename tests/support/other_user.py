"""Another user of this machine: what they can do to a sign-in that is not theirs."""

import os
import subprocess
import sys

import pytest

UID = 54321
"""A user id that nobody has. Nothing needs to stand in the system's list of users."""

needs_other_user = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0,
    reason="only root may act as another user, and only Linux tells whose a connection is",
)


BECOME = f"""
import encodings.idna, os, pathlib, resource, socket, stat, subprocess, sys
os.setgroups([])
os.setgid({UID})
os.setuid({UID})
"""
"""Modules first: the other user may not be able to read where Python lives."""


def as_other_user(program: str, *arguments: str) -> str:
    """Run a Python program as the other user and return what it prints.

    Args:
        program: its text; uses os, pathlib, socket, stat, subprocess and sys, imported already.
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
