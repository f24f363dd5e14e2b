"""The process of a sandbox: started, ended, left to the process that started it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading

from myid_notebook.errors import SandboxUnavailable
from myid_notebook.settings import SECRET_SETTINGS, SETTINGS

START_TIMEOUT = 30.0
"""Seconds a sandbox may take to start."""

STOP_TIMEOUT = 3.0
"""Seconds a sandbox may take to stop."""

_READY = "MyID sandbox ready at "

_SECRETS = {SETTINGS[name].environment for name in SECRET_SETTINGS}
"""Of the real MyID; the environment of a process can be read longer than it is wanted."""


def start_process() -> tuple[subprocess.Popen[bytes], str]:
    """Start a sandbox and return it with its address; nothing is left of one that does not start.

    Raises:
        SandboxUnavailable: it does not start.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        process = _open_process()
        return process, _ready_url(process)
    except BaseException:
        if process is not None:
            end_process(process)
        raise


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a sandbox and wait for it.

    Args:
        process: running or ended.
    """
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def disown_process(process: subprocess.Popen[bytes]) -> None:
    """Close what a fork has inherited of a sandbox, which goes on.

    Args:
        process: of the parent.
    """
    # Its input above all: it ends when nobody holds that any more.
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.returncode = 0  # no child of this process: nothing to wait for, or to warn of


def _open_process() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "myid_notebook.sandbox", "--port", "0"]
    # Ends when its standard input does, and so with this kernel, however that ends. In a
    # session of its own, for an interrupt goes to the kernel's whole process group.
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(  # noqa: S603 - our own module, no input from outside
        [*command, "--exit-with-stdin"],
        env={name: os.environ[name] for name in os.environ if name not in _SECRETS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,  # a buffer's lock, held by the reading thread, would be held for ever in a fork
        start_new_session=True,
        creationflags=flags,
    )


def _ready_url(process: subprocess.Popen[bytes]) -> str:
    lines = _lines(process)
    said = ""
    while True:
        try:
            line = lines.get(timeout=START_TIMEOUT)
        except queue.Empty:
            line = ""
        if line.startswith(_READY):
            return line.removeprefix(_READY).strip()
        said += line
        if not line:
            raise SandboxUnavailable(
                f"The sandbox did not start. It said: {said.strip() or 'nothing'} (It needs the "
                'extra: pip install "myid-notebook[sandbox]")'
            )


def _lines(process: subprocess.Popen[bytes]) -> queue.Queue[str]:
    lines: queue.Queue[str] = queue.Queue()
    reading = threading.Thread(
        target=lambda: _read(process, lines), name="myid-sandbox-output", daemon=True
    )
    try:
        reading.start()
    except RuntimeError as error:
        if process.stdout is not None:
            process.stdout.close()  # nobody else will
        raise SandboxUnavailable(
            f"This kernel could start no thread for the sandbox ({error}). End what runs too many "
            "of them, or restart the kernel, and run %myid_login --sandbox again."
        ) from None
    return lines


def _read(process: subprocess.Popen[bytes], lines: queue.Queue[str]) -> None:
    # Read to the end: a full pipe would stop the sandbox. Closed here, where nobody reads on.
    output = process.stdout
    if output is not None:
        with output:
            for line in output:
                lines.put(line.decode(errors="replace"))
    lines.put("")
