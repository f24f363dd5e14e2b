"""This user's Jupyter servers on this machine, and whether they have the MyID extension."""

from __future__ import annotations

import http.client
import json
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from myid_notebook.machine.processes import read_own_file

# Paths of the server extension, below the server's base URL.
CALLBACK_PATH = "myid/callback"
PASTE_PATH = "myid/paste"
HEALTH_PATH = "myid/health"
STATUS_PATH = "myid/"

CALLBACK_URL_VARIABLE = "MYID_NOTEBOOK_CALLBACK_URL"
"""The environment variable in which the extension tells its kernels the URL of its callback."""

PENDING_OUTPUT = "myid_notebook_pending"
"""The metadata by which the extension knows an output of a pending sign-in when it is saved: with
the value ``"link"`` it is replaced by a line without the link, with another one it is dropped."""

PROBE_TIMEOUT = 2.0
"""Seconds to wait for a server's response to the health request."""

_MAX_FILE_SIZE = 65_536
"""Bytes of a server's file that are read at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JupyterServer:
    """A Jupyter server with a file in the runtime folder; ``url`` ends in a slash."""

    url: str
    pid: int

    @property
    def callback_url(self) -> str:
        """The callback of the MyID extension, if the server has it."""
        return self.url + CALLBACK_PATH


def jupyter_servers() -> Iterator[JupyterServer]:
    """Yield every server with a file in the runtime folder, whether it still runs or not."""
    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            members = json.loads(read_own_file(path, _MAX_FILE_SIZE))
            url, pid = str(members["url"]), int(members["pid"])
            is_http = urlsplit(url).scheme in {"http", "https"} and _is_plain(url)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
        if is_http:
            yield JupyterServer(url=url.rstrip("/") + "/", pid=pid)


def extension_version(server_url: str) -> str | None:
    """Return the version of the MyID extension at a server, or None if the server lacks it."""
    parts = urlsplit(server_url)
    try:
        connection = _connect(parts.scheme, parts.hostname or "", parts.port)
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


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=PROBE_TIMEOUT)
    # Users' own Jupyter servers often have a self-signed certificate. Nothing secret is sent, and
    # the response decides only which route is tried.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=PROBE_TIMEOUT, context=context)


def own_page(path: str) -> str:
    """Return the path of a page of this kernel's Jupyter server; empty without such a server.

    A path, not a URL: the kernel does not know by which host name the browser reaches Jupyter.

    Args:
        path: below the server's base URL.
    """
    callback = os.environ.get(CALLBACK_URL_VARIABLE, "")
    base = urlsplit(callback).path.removesuffix(CALLBACK_PATH)
    return base + path if base else ""
