"""The sandbox process of this kernel."""

from __future__ import annotations

import json
import os
import queue
import secrets
import subprocess
import sys
import threading
import uuid
from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

import myid_notebook
from myid_notebook.errors import SandboxUnavailable
from myid_notebook.secret import Secret
from myid_notebook.settings.table import SECRET_SETTINGS, SETTINGS
from myid_notebook.transport.client import HTTPClient, ResponseTooLargeError

START_TIMEOUT = 30.0
"""Seconds a sandbox may take to start."""

STOP_TIMEOUT = 3.0
"""Seconds a sandbox may take to stop."""

_LINES_SHOWN = 3
"""How many of its last lines are shown of a sandbox that does not start."""

_PROGRAM = """\
import runpy, sys
_, folder, module, *arguments = sys.argv
sys.path.append(folder)
sys.argv[1:] = arguments
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
"""What its interpreter executes: a module, found in a folder of ours if nowhere else."""

_READY = "MyID sandbox ready at "

_SECRETS = {SETTINGS[name].environment for name in SECRET_SETTINGS}
"""Of the real MyID; the environment of a process can be read longer than it is wanted."""


def start_process() -> tuple[subprocess.Popen[bytes], str]:
    """Start a sandbox and return it with its address.

    Raises:
        SandboxUnavailable: it does not start; no process is left.
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
    """End a sandbox and wait for it; does nothing if it has ended."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def disown_process(process: subprocess.Popen[bytes]) -> None:
    """Close, in a forked process, what it inherited of the parent's sandbox, which stays up."""
    # The sandbox's input above all: it ends once no process holds that open.
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.returncode = (
        0  # not a child of this process: nothing to wait for, nothing to warn about
    )


def _open_process() -> subprocess.Popen[bytes]:
    # Not "-m": that would import from the folder of the notebook first. What a user keeps there,
    # such as a secrets.py, would take the place of the standard library's module.
    folder = str(Path(myid_notebook.__file__).resolve().parents[1])
    command = [sys.executable, "-P", "-c", _PROGRAM, folder, "myid_notebook.sandbox", "--port", "0"]
    # It ends with its standard input, and so with this kernel, however the kernel ends. It has a
    # session of its own, because an interrupt goes to the kernel's whole process group.
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(  # noqa: S603 - our own module, no input from outside
        [*command, "--exit-with-stdin"],
        env=_environ(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,  # a forked process could never take the lock of a buffer that is being read
        start_new_session=True,
        creationflags=flags,
    )


def _environ() -> dict[str, str]:
    environ = {name: os.environ[name] for name in os.environ if name not in _SECRETS}
    # A relative or empty entry means the folder of the notebook.
    entries = environ.pop("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join(each for each in entries if Path(each).is_absolute())
    return environ | ({"PYTHONPATH": path} if path else {})


def _ready_url(process: subprocess.Popen[bytes]) -> str:
    lines = _lines(process)
    said: list[str] = []
    while True:
        try:
            line = lines.get(timeout=START_TIMEOUT)
        except queue.Empty:
            raise SandboxUnavailable(
                f"The sandbox did not start within {START_TIMEOUT:.0f} seconds. {_last_of(said)}"
            ) from None
        if line.startswith(_READY):
            return line.removeprefix(_READY).strip()
        if not line:
            raise SandboxUnavailable(f"The sandbox ended before it was ready. {_last_of(said)}")
        said.append(line.strip())


def _last_of(said: list[str]) -> str:
    last = [line for line in said if line][-_LINES_SHOWN:]
    return f"The end of its output: {' | '.join(last)}" if last else "It wrote nothing."


def _lines(process: subprocess.Popen[bytes]) -> queue.Queue[str]:
    lines: queue.Queue[str] = queue.Queue()
    reading = threading.Thread(
        target=lambda: _read(process, lines), name="myid-sandbox-output", daemon=True
    )
    try:
        reading.start()
    except RuntimeError as error:
        if process.stdout is not None:
            process.stdout.close()
        raise SandboxUnavailable(
            f"The kernel could not start a thread for the sandbox ({error}). Close other work or "
            "restart the kernel, then sign in again."
        ) from None
    return lines


def _read(process: subprocess.Popen[bytes], lines: queue.Queue[str]) -> None:
    # Read to the end, because a full pipe would stop the sandbox.
    output = process.stdout
    if output is not None:
        with output:
            for line in output:
                lines.put(line.decode(errors="replace"))
    lines.put("")


URL_VARIABLE = "MYID_SANDBOX_URL"
"""The environment variable that names a sandbox that runs already."""

RESPONSE_TIMEOUT = 30.0
"""Seconds a sandbox may take to respond."""

_SCOPES = ("myid.rest.basic", "offline_access")
"""The first is always asked for, the second if the setting has it; others are a real MyID's."""


class SandboxProcess:
    """The sandbox of a kernel: started when first needed, ended with the kernel."""

    def __init__(self) -> None:
        self._url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._client_id = f"myid.notebook.{secrets.token_hex(4)}"
        self._client_secret = Secret(uuid.uuid4())

    def settings(
        self, redirect_uri: str, scope: str, shared_secret: str = ""
    ) -> dict[str, str | None]:
        """Start the sandbox, register a client, and return its settings.

        Args:
            redirect_uri: of the client.
            scope: the setting; of its scopes, ``offline_access`` alone counts here, too.
            shared_secret: what the kernels of one Jupyter server have in common: they are one
                client then, as at a real MyID, and can share a sign-in. Empty for a client of this
                kernel alone.

        Raises:
            SandboxUnavailable: it does not start or answer.
        """
        self._ensure_running()
        if shared_secret:
            self._client_id = f"myid.notebook.{shared_secret[:8]}"
            self._client_secret = Secret(shared_secret[8:])
        basic, offline = _SCOPES
        digest = sha256(self._client_secret.encode()).digest()
        entry = {
            "ClientId": self._client_id,
            "ClientName": "This notebook",
            "AllowedGrantTypes": ["authorization_code"],
            "ClientSecrets": [{"Value": b64encode(digest).decode()}],
            "RequireClientSecret": True,
            "RequirePkce": True,
            "AllowedScopes": [basic],
            "AllowOfflineAccess": True,
            "RedirectUris": [redirect_uri],
        }
        self._control("PUT", f"clients/{self._client_id}", entry)
        return {
            "server": self._url,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "redirect_uri": redirect_uri,
            "scope": f"{basic} {offline}" if offline in scope.split() else basic,
        }

    def advice(self) -> str:
        """Return the user name and the answers to enter, in a sentence.

        Raises:
            SandboxUnavailable: it does not answer.
        """
        person = self._control("GET", "status")["users"][0]
        answers = " and ".join(f"“{answer}”" for answer in person["answers"])
        return (
            "This is the sandbox; all its people are invented. Choose Security Questions, enter "
            f"the user name “{person['username']}” and the answers {answers}."
        )

    def stop(self) -> None:
        """End the sandbox, if this kernel started it."""
        process, self._process = self._process, None
        if process is not None:
            end_process(process)

    def leave_to_parent(self) -> None:
        """Forget the parent's sandbox, in a forked process."""
        process, self._process = self._process, None
        self._url = ""
        self._starting = threading.Lock()
        if process is not None:
            disown_process(process)

    def _ensure_running(self) -> None:
        elsewhere = os.environ.get(URL_VARIABLE, "").rstrip("/")
        with self._starting:
            if elsewhere:
                self._url = elsewhere
            elif self._process is None or self._process.poll() is not None:
                self.stop()
                self._process, self._url = start_process()

    def _control(self, method: str, path: str, entry: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        headers = {"X-Sandbox-Control": "1", "Content-Type": "application/json"}
        try:
            response = HTTPClient(self._url, None).send(
                method,
                f"{self._url}/sandbox/{path}",
                timeout=RESPONSE_TIMEOUT,
                headers=headers,
                body=None if entry is None else json.dumps(entry).encode(),
            )
            if response.status < HTTPStatus.MULTIPLE_CHOICES:
                return json.loads(response.body) if response.body else None
            reason = f"HTTP {response.status}"
        except (requests.RequestException, ResponseTooLargeError, ValueError) as error:
            reason = type(error).__name__
        raise SandboxUnavailable(
            f"The sandbox at {self._url} does not respond ({reason}). Sign in again. "
            f"If {URL_VARIABLE} is set, check its value."
        )
