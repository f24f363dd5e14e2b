"""An authorization server by other authors, Authlib on Flask, as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

ISSUER_PATH = "/as"
"""Where the server's endpoints are, and its issuer."""

SCOPE = "myid.rest.basic"

CLIENTS = {
    "post": ("client_secret_post", "a plain secret: 100% + ünicode"),
    "basic": ("client_secret_basic", "82564d6e-c4a6-4f64-a6d4-cac43781c67c"),
    "public": ("none", ""),
}
"""Client id to authentication method and secret; Authlib does not form-decode HTTP Basic."""


class AuthlibProcess:
    """The server as a process, to be used as a context manager.

    Whoever opens a link is signed in as Jane at once; ``/deny`` in place of ``/authorize`` is the
    answer of one who cancels.

    Args:
        iss: what it names itself in redirects: ``right``, ``wrong`` or ``none``.

    Attributes:
        url: of the server.
    """

    def __init__(self, redirect_uri: str, iss: str = "right") -> None:
        self._command = [
            sys.executable,
            "-m",
            "support.servers.authlib_application",
            redirect_uri,
            iss,
        ]
        self.url = ""

    def environ(self, client: str) -> dict[str, str]:
        """Return the settings of a client, as environment variables.

        Args:
            client: a key of ``CLIENTS``.
        """
        method, secret = CLIENTS[client]
        return {
            "MYID_AUTHORIZE_URL": f"{self.url}{ISSUER_PATH}/authorize",
            "MYID_TOKEN_URL": f"{self.url}{ISSUER_PATH}/token",
            "MYID_API_URL": f"{self.url}/api",
            "MYID_CLIENT_ID": client,
            "MYID_CLIENT_SECRET": secret,
            "MYID_CLIENT_AUTHENTICATION": method,
        }

    def __enter__(self) -> Self:
        # Authlib refuses plain http, on this machine too, unless its own process is told so.
        own = {"AUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
        self._process = subprocess.Popen(
            self._command,
            env={**os.environ, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().partition("ready at ")[2].strip()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=20)
