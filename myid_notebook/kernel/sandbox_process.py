"""The sandbox of this kernel: a MyID to learn with, in a process of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import uuid
from base64 import b64encode
from hashlib import sha256
from typing import Any

import requests

from myid_notebook.errors import SandboxUnavailable
from myid_notebook.kernel.child_process import disown_process, end_process, start_process
from myid_notebook.secret import Secret

URL_VARIABLE = "MYID_SANDBOX_URL"
"""The environment variable that names a sandbox that runs already."""

ANSWER_TIMEOUT = 30.0
"""Seconds a sandbox may take to answer."""

_SCOPE = "myid.rest.basic"


class SandboxProcess:
    """Starts a sandbox when one is first asked for, and ends it with the kernel."""

    def __init__(self) -> None:
        self._url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
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
        process, self._process = self._process, None
        if process is not None:
            end_process(process)

    def leave_to_parent(self) -> None:
        """Know nothing of the sandbox of the process that this one was forked from."""
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
        with requests.Session() as http:
            http.trust_env = False  # neither a proxy nor .netrc is for a server on this machine
            try:
                answer = http.request(
                    method,
                    f"{self._url}/sandbox/{path}",
                    json=entry,
                    headers={"X-Sandbox-Control": "1"},
                    timeout=ANSWER_TIMEOUT,
                )
                answer.raise_for_status()
                return answer.json() if answer.content else None
            except requests.RequestException as error:
                raise SandboxUnavailable(
                    f"The sandbox at {self._url} does not answer ({type(error).__name__}). Run "
                    f"%myid_login --sandbox again; if {URL_VARIABLE} is set, check it."
                ) from None
