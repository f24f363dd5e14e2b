"""Ask the token store of this kernel's Jupyter server; best effort, without it nothing changes."""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import socket
import time
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from myid_notebook.front_end import current_shell, is_kernel
from myid_notebook.machine.peer import is_held_by_another_user
from myid_notebook.machine.private_files import Address
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.settings.resolve import Settings
from myid_notebook.token_store.address import MAX_LINE, STORE_VARIABLE, digest, read_address
from myid_notebook.tracebacks import StrippedFrames

TIMEOUT = 2.0
"""Seconds a store may take to respond."""

_HOST = "127.0.0.1"


class Found(NamedTuple):
    """A token of the store.

    Args:
        token: not expired.
        operator: the name of the person who signed in; None if unknown.
        same_notebook: whether this notebook put it there, before a restart of its kernel.
    """

    token: TokenResponse
    operator: str | None
    same_notebook: bool


class StoreClient:
    """The store as one kernel sees it.

    Args:
        notebook: what identifies the notebook: the path of its Jupyter session, or the kernel id.
        path: of the file with the address of the store.

    Attributes:
        server_restarted: whether an earlier server may have had what ``find`` last looked for.
    """

    def __init__(self, notebook: str, path: Path) -> None:
        self._notebook = notebook
        self._path = path
        self.server_restarted = False

    def find(self, name: str, settings: Settings, *, anywhere: bool) -> Found | None:
        """Return the token of this notebook; None if there is none, or no store.

        Args:
            name: of the session.
            anywhere: whether the token of another notebook will do.
        """
        response = self._ask({**self._entry(name, settings), "do": "find", "anywhere": anywhere})
        self.server_restarted = response.get("server_restarted") is True
        try:
            given = response["token"]
            text, expires_at = given["access_token"], float(given["expires_at"])
            subject, operator = given["subject"], response["operator"]
            named = isinstance(subject, str | None) and isinstance(operator, str | None)
            if not (isinstance(text, str) and text and named and isfinite(expires_at)):
                return None  # another program at the port of a killed server
            token = TokenResponse(access_token=Secret(text), expires_at=expires_at, subject=subject)
            return Found(token, operator, response["same_notebook"] is True)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    def keep(
        self, name: str, settings: Settings, token: TokenResponse, operator: str | None
    ) -> bool:
        """Put a token into the store and return whether it is there."""
        if token.expires_at is None:  # nobody would know when to drop it
            return False
        given = {
            "access_token": token.access_token,
            "expires_at": token.expires_at,
            "subject": token.subject,
        }
        entry = self._entry(name, settings)
        response = self._ask({**entry, "do": "keep", "token": given, "operator": operator})
        return response.get("kept") is True

    def forget(self, token: TokenResponse, why: str) -> int:
        """Remove a token from the store, for every notebook; return how many had it.

        Args:
            why: ``logout`` or ``refused``; other kernels that hold the token are told.
        """
        response = self._ask({"do": "forget", "digest": digest(token.access_token), "why": why})
        forgotten = response.get("forgotten")
        return forgotten if type(forgotten) is int else 0

    def why_withdrawn(self, token: TokenResponse) -> str:
        """Return why another kernel had the token forgotten; empty if none had."""
        response = self._ask({"do": "withdrawn", "digest": digest(token.access_token)})
        why = response.get("why")
        return why if isinstance(why, str) else ""

    def shared_secret(self, purpose: str) -> Secret:
        """Return a secret that all kernels of this Jupyter server know; empty without a store."""
        address = read_address(self._path)
        if address is None:
            return Secret()
        return Secret(hmac.new(address.key.encode(), purpose.encode(), "sha256").hexdigest())

    def last_change(self) -> int:
        """Return a number that changes when a token is forgotten; 0 without a store."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def _entry(self, name: str, settings: Settings) -> dict[str, Any]:
        return {"match": {"name": name, **settings.identity}, "notebook": self._notebook}

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        address = read_address(self._path)
        # A killed server leaves its file, and another program may have taken its port since.
        if address is None or address.has_ended or is_held_by_another_user(_HOST, address.port):
            return {}
        # An interrupt of a request shows the user's frames and these, which hold the key.
        with StrippedFrames(), contextlib.suppress(OSError, ValueError, RecursionError):
            response = json.loads(_exchange(address, request))
            if isinstance(response, dict):
                return response
        return {}


def _exchange(address: Address, request: Mapping[str, Any]) -> bytes:
    line = json.dumps({**request, "key": address.key}).encode() + b"\n"
    received = bytearray()
    deadline = time.monotonic() + TIMEOUT
    with socket.create_connection((_HOST, address.port), TIMEOUT) as connection:
        connection.sendall(line)
        while not received.endswith(b"\n") and len(received) < MAX_LINE:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            piece = connection.recv(MAX_LINE)
            if not piece:
                break
            received += piece
    return bytes(received)


class StoreWatch:
    """Watch one token of the store; costs two looks at the time of a file for each request.

    Args:
        store: that holds the token.
        since: ``store.last_change()`` from before the token was put there or found there.
    """

    def __init__(self, store: StoreClient, since: int) -> None:
        self._store = store
        self._seen = since
        self._why = ""

    def why_withdrawn(self, token: TokenResponse) -> str:
        """Return why the token must not be used any more; empty if it may."""
        change = self._store.last_change()
        if change not in {0, self._seen}:
            self._seen = change
            self._why = self._store.why_withdrawn(token)
        return self._why

    def refused(self, token: TokenResponse) -> None:
        """Have a token forgotten that the API refused."""
        self._store.forget(token, "refused")


def store_of_this_kernel() -> StoreClient | None:
    """Return the store of the Jupyter server that started this kernel.

    None for terminals and scripts, which inherit the server's environment too, and for kernels
    without the server extension.
    """
    shell, path = current_shell(), os.environ.get(STORE_VARIABLE)
    if not path or not is_kernel(shell):
        return None
    notebook = _notebook(shell)
    return StoreClient(notebook, Path(path)) if notebook else None


def _notebook(shell: Any) -> str:  # noqa: ANN401 - IPython's shell of a kernel has no common type
    # The path of the notebook, as Jupyter tells its kernels; it outlives a restart, and so does
    # the kernel's id, which names its connection file.
    path = os.environ.get("JPY_SESSION_NAME", "")
    if path and not path.endswith(("/", "\\")):  # a folder, where the front end told no name
        return f"notebook {path}"
    file = getattr(getattr(shell.kernel, "parent", None), "connection_file", "")
    return f"kernel {Path(file).stem}" if file else ""
