"""The browser that a sign-in in a terminal opens."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

from support.servers.sandbox import SandboxProcess, register

PROGRAM = """
import myid_notebook
try:
    myid_notebook.login({options})
except BaseException as error:
    print(type(error).__name__)
"""


def _run(sandbox: SandboxProcess, options: str, **more: str) -> str:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "SSH_CONNECTION", "SSH_TTY", "MYID_")
    environ = {name: os.environ[name] for name in os.environ if not name.startswith(hidden)}
    ours, terminal = pty.openpty()
    try:
        finished = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(options=options)],
            env={**environ, **register(sandbox).environ, **more},
            stdin=terminal,
            stdout=subprocess.PIPE,
            start_new_session=True,
            timeout=30,
            text=True,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(terminal)
    return finished.stdout


def test_console_browser_is_not_opened(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """A browser that takes the terminal is left alone, and the link is shown."""
    opened = _install(tmp_path, "w3m")
    shown = _run(sandbox, "timeout=2", PATH=str(tmp_path))

    assert "/connect/authorize?" in shown
    assert "SignInTimeout" in shown
    assert not opened.exists()


def test_browser_that_does_not_return(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """A browser that holds its caller does not hold the sign-in."""
    opened, started_at = _install(tmp_path, "firefox-of-mine"), time.monotonic()
    shown = _run(sandbox, "timeout=2", BROWSER=f"{tmp_path}/firefox-of-mine %s")

    assert "SignInTimeout" in shown
    assert opened.exists()
    assert time.monotonic() - started_at < 15


def _install(folder: Path, name: str) -> Path:
    """Put a browser into a folder that blocks for long; return the file that says it was opened."""
    opened = folder / "opened"
    browser = folder / name
    browser.write_text(f"#!/bin/sh\n: > {opened}\nexec /bin/sleep 20 >/dev/null 2>&1\n")
    browser.chmod(0o755)
    return opened
