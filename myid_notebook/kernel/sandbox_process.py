"""The sandbox of this kernel: a MyID to learn with, in a process of its own."""

from __future__ import annotations

import os
import queue
import secrets
import subprocess
import sys
import threading
import uuid
from base64 import b64encode
from hashlib import sha256
from typing import Any

import requests

from myid_notebook.errors import SandboxUnavailable
from myid_notebook.secret import Secret

URL_VARIABLE = "MYID_SANDBOX_URL"
"""The environment variable that names a sandbox that runs already."""

START_TIMEOUT = 30.0
"""Seconds a sandbox may take to start."""

STOP_TIMEOUT = 3.0
"""Seconds a sandbox may take to stop."""

_READY = "MyID sandbox ready at "
_SCOPE = "myid.rest.basic"

_SECRETS = {"MYID_CLIENT_SECRET", "MYID_ACCESS_TOKEN"}
"""Of the real MyID; the environment of a process can be read longer than it is wanted."""


class SandboxProcess:
    """Starts a sandbox when one is first asked for, and ends it with the kernel."""

    def __init__(self) -> None:
        self._url = ""
        self._process: subprocess.Popen[str] | None = None
        self._client_id = f"myid.notebook.{secrets.token_hex(4)}"
        self._client_secret = Secret(uuid.uuid4())

    def settings(self, redirect_uri: str) -> dict[str, str | None]:
        """Return the settings that sign in to the sandbox; it runs, and knows this notebook.

        Args:
            redirect_uri: registered with the sandbox for this kernel.

        Raises:
            SandboxUnavailable: it does not start or answer.
        """
        self._ensure_running()
        digest = sha256(self._client_secret.encode()).digest()
        entry = {
            "ClientId": self._client_id,
            "ClientName": "This notebook",
            "AllowedGrantTypes": ["authorization_code"],
            "ClientSecrets": [{"Value": b64encode(digest).decode()}],
            "RequireClientSecret": True,
            "RequirePkce": True,
            "AllowedScopes": [_SCOPE],
            "RedirectUris": [redirect_uri],
        }
        self._control("PUT", f"clients/{self._client_id}", entry)
        return {
            "server": self._url,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "redirect_uri": redirect_uri,
            "scope": _SCOPE,
            # Whatever is set for the real MyID must not lead away from the sandbox.
            "authorize_url": f"{self._url}/web.oauth2/connect/authorize",
            "token_url": f"{self._url}/web.oauth2/connect/token",
            "api_url": f"{self._url}/rest.core/api/",
            "issuer": f"{self._url}/web.oauth2",
            "client_authentication": "client_secret_post",
        }

    def advice(self) -> str:
        """Return which user name and answers to type.

        Raises:
            SandboxUnavailable: it does not answer.
        """
        person = self._control("GET", "status")["users"][0]
        answers = " and ".join(f"“{answer}”" for answer in person["answers"])
        return (
            "This is the sandbox, where everybody is invented. Choose Security Questions, type "
            f"the user name “{person['username']}” and answer {answers}."
        )

    def stop(self) -> None:
        """End the sandbox, if this kernel started it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process = None

    def _ensure_running(self) -> None:
        elsewhere = os.environ.get(URL_VARIABLE, "").rstrip("/")
        if elsewhere:
            self._url = elsewhere
        elif self._process is None or self._process.poll() is not None:
            self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "myid_notebook.sandbox", "--port", "0"]
        # Ends when its standard input does, and so with this kernel, however that ends. In a
        # session of its own, for an interrupt goes to the kernel's whole process group.
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no input from outside
            [*command, "--exit-with-stdin"],
            env={name: os.environ[name] for name in os.environ if name not in _SECRETS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            creationflags=flags,
        )
        self._url = _ready_url(self._process)

    def _control(self, method: str, path: str, entry: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        with requests.Session() as http:
            http.trust_env = False  # neither a proxy nor .netrc is for a server on this machine
            try:
                answer = http.request(
                    method,
                    f"{self._url}/sandbox/{path}",
                    json=entry,
                    headers={"X-Sandbox-Control": "1"},
                    timeout=START_TIMEOUT,
                )
                answer.raise_for_status()
                return answer.json() if answer.content else None
            except requests.RequestException as error:
                raise SandboxUnavailable(
                    f"The sandbox at {self._url} does not answer ({type(error).__name__}). Run "
                    f"%myid_login --sandbox again; if {URL_VARIABLE} is set, check it."
                ) from None


def _ready_url(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        # Read to the end: a full pipe would stop the sandbox.
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, name="myid-sandbox-output", daemon=True).start()
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
            process.kill()
            raise SandboxUnavailable(
                f"The sandbox did not start. It said: {said.strip() or 'nothing'} (It needs the "
                'extra: pip install "myid-notebook[sandbox]")'
            )
