"""The Jupyter servers of this user on this machine, and whether they take redirects."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from myid_notebook.machine.processes import read_own_file

CALLBACK_PATH = "myid/callback"
"""Where the server extension takes redirects, below the base URL."""

PASTE_PATH = "myid/paste"
"""Where the server extension takes the redirect's address from people, below the base URL."""

HEALTH_PATH = "myid/health"
"""Where the server extension says that it is there, below the base URL."""

CALLBACK_URL_VARIABLE = "MYID_NOTEBOOK_CALLBACK_URL"
"""The environment variable in which the extension tells its kernels where its callback is."""

PROBE_TIMEOUT = 2.0
"""Seconds to wait for a server's word on its health."""

_MAX_FILE = 65_536
"""Bytes of a server's file that are read at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JupyterServer:
    """A Jupyter server that has left its address in the runtime folder.

    Args:
        url: with base URL, ending in a slash.
        pid: process id.
    """

    url: str
    pid: int

    @property
    def callback_url(self) -> str:
        """Where its extension takes redirects, if it has it."""
        return self.url + CALLBACK_PATH


def jupyter_servers() -> Iterator[JupyterServer]:
    """Yield every server whose file is in the runtime folder, running or not."""
    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            members = json.loads(read_own_file(path, _MAX_FILE))
            url, pid = str(members["url"]), int(members["pid"])
            is_http = urlsplit(url).scheme in {"http", "https"} and _is_plain(url)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
        if is_http:
            yield JupyterServer(url=url.rstrip("/") + "/", pid=pid)


def extension_version(server_url: str) -> str | None:
    """Return the version of the MyID extension at a server, or None where there is none.

    Args:
        server_url: with base URL, ending in a slash.
    """
    parts = urlsplit(server_url)
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request("GET", parts.path + HEALTH_PATH)
            answer = connection.getresponse()
            members = json.loads(answer.read(4096)) if answer.status == http.HTTPStatus.OK else {}
        finally:
            connection.close()
    except (OSError, ValueError, RecursionError, http.client.HTTPException):
        return None
    version = members.get("myid_notebook") if isinstance(members, dict) else None
    return version if isinstance(version, str) else None


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and "@" not in url


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=PROBE_TIMEOUT)
    # A Jupyter server of one's own often has a self-signed certificate; nothing secret is sent
    # and what it answers only decides which route is tried.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=PROBE_TIMEOUT, context=context)
