"""The sandbox as a process of its own, and clients that are registered with it."""

import base64
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO, cast
from urllib.parse import urlsplit

import requests
from support.machine.ports import free_port


def client_entry(
    client_id: str, redirect_uri: str, secret: str = "", **members: object
) -> dict[str, object]:
    """Return an entry for the code flow, with a secret or for a public client.

    Args:
        secret: the secret in clear; empty makes a public client that needs PKCE.
        members: further members, which win over the others.
    """
    digest = hashlib.sha256(secret.encode()).digest()
    return {
        "ClientId": client_id,
        "ClientName": client_id,
        "AllowedGrantTypes": ["authorization_code"],
        "ClientSecrets": [{"Value": base64.b64encode(digest).decode()}] if secret else [],
        "RequireClientSecret": bool(secret),
        "RequirePkce": not secret,
        "AllowedScopes": ["myid.rest.basic"],
        "RedirectUris": [redirect_uri],
        **members,
    }


_START = 30
_STOP = 10
"""How long the sandbox may take to start and to stop, in seconds."""


class SandboxProcess:
    """A running ``python -m myid_notebook.sandbox``, to be used as a context manager.

    The process ends with its standard input, so it cannot outlive the tests, whatever ends them.

    Args:
        arguments: further command line arguments, for instance ``["--clients", folder]``.
        port: the TCP port; 0 takes any free one.
        verify: the CA bundle to trust when the sandbox serves TLS.
        errors: where its standard error goes; None keeps it for the message of a failed start.
    """

    def __init__(
        self,
        arguments: Sequence[str] = (),
        *,
        port: int = 0,
        verify: str | bool = True,
        errors: TextIO | None = None,
    ) -> None:
        self._arguments = [
            *(sys.executable, "-m", "myid_notebook.sandbox"),
            *("--port", str(port), "--exit-with-stdin", *arguments),
        ]
        self._verify = verify
        self._errors = errors
        self._process: subprocess.Popen[str] | None = None
        self._http = requests.Session()
        self._http.trust_env = False
        self.url = ""

    @classmethod
    def start(
        cls,
        arguments: Sequence[str] = (),
        *,
        port: int = 0,
        verify: str | bool = True,
        errors: TextIO | None = None,
    ) -> Self:
        """Return a sandbox that accepts connections.

        Raises:
            RuntimeError: it ended instead; the message is what it wrote to standard error.
        """
        sandbox = cls(arguments, port=port, verify=verify, errors=errors)
        sandbox._run()
        return sandbox

    def _run(self) -> None:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                self._arguments,
                cwd=Path(__file__).parents[3],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors or errors,
                text=True,
            )
            line = self._pipe("stdout").readline()
            if " ready at " not in line:
                self.stop()
                errors.seek(0)
                raise RuntimeError(f"the sandbox did not start: {line}{errors.read()}")
        self.url = line.split(" ready at ")[1].strip()

    def _pipe(self, name: str) -> Any:  # noqa: ANN401 - the type of Popen's pipes is Any too
        return getattr(self._process, name)

    @property
    def pid(self) -> int:
        """The process id."""
        return cast("subprocess.Popen[str]", self._process).pid

    def control(
        self, method: str, path: str, json: Mapping[str, object] | None = None
    ) -> requests.Response:
        """Ask one of the sandbox's control endpoints.

        Args:
            path: the path below ``/sandbox/``.

        Raises:
            requests.HTTPError: the sandbox refused.
        """
        response = self._http.request(
            method,
            f"{self.url}/sandbox/{path}",
            json=json,
            headers={"X-Sandbox-Control": "1"},
            verify=self._verify,
            timeout=30,
        )
        response.raise_for_status()
        return response

    def faults(self, **switches: object) -> None:
        """Switch faults on; see ``myid_notebook/sandbox/faults.py``."""
        self.control("PUT", "faults", switches)

    def reset(self) -> None:
        """Drop locks, counts, faults, codes; restore the people; keep the clients."""
        self.control("POST", "reset")

    def status(self) -> dict[str, Any]:
        """Return what the sandbox tells of itself and its counts."""
        return cast("dict[str, Any]", self.control("GET", "status").json())

    def register(self, client_entry: Mapping[str, object]) -> None:
        """Register a client, or replace the one of that ``ClientId``."""
        self.control("PUT", f"clients/{client_entry['ClientId']}", client_entry)

    def stop(self) -> str:
        """End the process, wait for its end and return what it printed after the first line."""
        self._http.close()
        process = self._process
        if process is None:
            return ""
        self._pipe("stdin").close()
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP)
        with self._pipe("stdout") as stdout:
            printed = str(stdout.read())
        self._process = None
        return printed

    def __enter__(self) -> Self:
        if self._process is None:
            self._run()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


@dataclass(frozen=True)
class Registration:
    """A client of the sandbox.

    Args:
        client_secret: in clear.
    """

    server: str
    redirect_uri: str
    client_id: str = "myid.tests"
    client_secret: str = field(default="9f0c-hush-1b7a", repr=False)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that make a kernel this client.

        Without checks beside a sign-in, so that tests can count the requests of the sign-in alone;
        tests/kernel/test_checks.py switches them on.
        """
        return {
            "MYID_SERVER": self.server,
            "MYID_CLIENT_ID": self.client_id,
            "MYID_CLIENT_SECRET": self.client_secret,
            "MYID_REDIRECT_URI": self.redirect_uri,
            "MYID_CHECKS": "off",
        }


def register(
    sandbox: SandboxProcess, redirect_uri: str = "", *, offline_access: bool = True
) -> Registration:
    """Register a client with the sandbox and return it.

    Args:
        redirect_uri: of the client; empty for one at a free port of this machine.
        offline_access: whether the client may have refresh tokens.
    """
    uri = redirect_uri or f"http://localhost:{free_port()}/myid/callback"
    client = Registration(sandbox.url, uri, f"myid.tests.{urlsplit(uri).port}")
    members = {"RequirePkce": True, "AllowOfflineAccess": offline_access}
    sandbox.register(client_entry(client.client_id, uri, client.client_secret, **members))
    return client
