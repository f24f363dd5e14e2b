"""This user's Jupyter servers, whether they have the MyID extension, the default redirect URI."""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from jupyter_core.paths import jupyter_runtime_dir

from myid_notebook.callback import rendezvous
from myid_notebook.errors import SettingError, SignInFailed
from myid_notebook.machine.peer import is_held_by_another_user
from myid_notebook.machine.private_files import read_own_file
from myid_notebook.settings.table import SETTINGS
from myid_notebook.settings.urls import check_redirect_uri, is_loopback, origin
from myid_notebook.threads import run_in_thread

# Paths of the server extension, below the server's base URL.
CALLBACK_PATH = "myid/callback"
PASTE_PATH = "myid/paste"
HEALTH_PATH = "myid/health"

OUTSIDE_JUPYTER = f"http://localhost:8888/{CALLBACK_PATH}"
HUB_PATH = f"user-redirect/{CALLBACK_PATH}"
"""Where a JupyterHub redirects each user to their own server, below the hub's URL."""

CALLBACK_URL_VARIABLE = "MYID_NOTEBOOK_CALLBACK_URL"
"""The environment variable in which the extension tells its kernels the URL of its callback."""

PENDING_OUTPUT = "myid_notebook_pending"
"""The metadata by which the extension knows an output of a pending sign-in when it is saved: with
the value ``"link"`` it is replaced by a line without the link, with another one it is dropped."""

PROBE_TIMEOUT = 2.0
"""Seconds to wait for a server's response to the health request."""

ROUTE_TIMEOUT = 1.0
"""Seconds that the same request may delay a sign-in link, name look-up and handshake included."""

_MAX_FILE_SIZE = 65_536
"""Bytes of a server's file that are read at most."""


class JupyterServer(NamedTuple):
    """A Jupyter server with a file in the runtime folder; ``url`` ends in a slash."""

    url: str
    pid: int

    @property
    def callback_url(self) -> str:
        """The callback of the MyID extension, if the server has it."""
        return self.url + CALLBACK_PATH


def jupyter_servers(*, below: str = "") -> Iterator[JupyterServer]:
    """Yield every server with a file in the runtime folder, whether it still runs or not.

    Args:
        below: only those whose path begins with this one.
    """
    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            members = json.loads(read_own_file(path, _MAX_FILE_SIZE))
            url, pid = str(members["url"]), int(members["pid"])
            is_plain = url.isascii() and url.isprintable() and "@" not in url
            is_http = urlsplit(url).scheme in {"http", "https"}
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
        if is_plain and is_http and unquote(urlsplit(url).path).startswith(unquote(below)):
            yield JupyterServer(url=url.rstrip("/") + "/", pid=pid)


class Presence(StrEnum):
    """What is found at the address of a Jupyter server."""

    OURS = "a server of this user that can read this kernel's rendezvous files"
    NOT_OURS = "a server of another user, or with another runtime folder"
    SLOW = "a program that takes connections and has not responded yet"
    ABSENT = "nothing, or another program"

    @property
    def is_believed(self) -> bool:
        """Whether it may be taken for the server that it is said to be; busy ones respond late."""
        return self in {Presence.OURS, Presence.SLOW}


def presence_of(server_url: str) -> Presence:
    """Return what is found at the address of a Jupyter server; takes ``ROUTE_TIMEOUT`` at most."""
    with contextlib.suppress(ValueError):
        if is_held_by_another_user(*origin(server_url)[1:]):
            return Presence.NOT_OURS
    with rendezvous.challenge() as (asked, proof):
        found = _health_in_time(server_url, asked)
    if isinstance(found, Presence):
        return found
    if not isinstance(found.get("myid_notebook"), str):
        return Presence.ABSENT
    given = found.get("proof", "")
    proven = isinstance(given, str) and compare_digest(given.encode(), proof.encode())
    return Presence.OURS if proven else Presence.NOT_OURS


def _health_in_time(server_url: str, asked: str) -> dict[str, Any] | Presence:
    connection = None
    try:
        connection = _connection(server_url, PROBE_TIMEOUT)  # longer than ROUTE_TIMEOUT
        # In a thread, because a look-up of a name takes as long as it likes, and a server may
        # send a byte at a time.
        request = run_in_thread(partial(_health, connection, server_url, asked))
        return request.result(ROUTE_TIMEOUT)
    except TimeoutError:
        # A busy server of this machine may not even take connections; it does not refuse them.
        connected = connection is not None and connection.sock is not None
        here = is_loopback(urlsplit(server_url).hostname)
        return Presence.SLOW if connected or here else Presence.ABSENT
    except SignInFailed:  # no thread can be started
        return Presence.SLOW
    except OSError as error:
        this_process = error.errno in {errno.EMFILE, errno.ENFILE}
        return Presence.SLOW if this_process else Presence.ABSENT
    except (ValueError, RecursionError, http.client.HTTPException):
        return Presence.ABSENT
    finally:
        sock = None if connection is None else connection.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # it ends the thread


def extension_version(server_url: str) -> str | None:
    """Return the version of the MyID extension at a server, or None if the server lacks it."""
    try:
        found = _health(_connection(server_url, PROBE_TIMEOUT), server_url)
    except (OSError, ValueError, RecursionError, http.client.HTTPException):
        return None
    version = found.get("myid_notebook")
    return version if isinstance(version, str) else None


def _health(
    connection: http.client.HTTPConnection, server_url: str, asked: str = ""
) -> dict[str, Any]:
    query = f"?challenge={asked}" if asked else ""
    try:
        connection.request("GET", urlsplit(server_url).path + HEALTH_PATH + query)
        response = connection.getresponse()
        members = json.loads(response.read(4096)) if response.status == http.HTTPStatus.OK else {}
    finally:
        connection.close()
    return members if isinstance(members, dict) else {}


def _connection(server_url: str, timeout: float) -> http.client.HTTPConnection:
    parts = urlsplit(server_url)
    host = parts.hostname or ""
    if parts.scheme == "http+unix":
        return _SocketFileConnection(unquote(parts.netloc), timeout)
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=timeout)
    # Users' own Jupyter servers, and proxies before them, often have a self-signed certificate.
    # Nothing secret is sent, and the response decides only which route is tried.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)


class _SocketFileConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._socket_file = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._socket_file)


def default_redirect_uri(environ: Mapping[str, str]) -> str:
    """Return the redirect URI to use if the setting is missing.

    On a JupyterHub that publishes its address, its user-redirect URI, which is the same for all
    users. In a Jupyter server on this machine, the server's own callback at ``localhost``, even if
    the server has ended: that is what is registered. Otherwise port 8888.

    Raises:
        SettingError: there is no default on a hub that does not publish its address, or in a
            Jupyter server that listens on a socket file or at a remote http address.
    """
    hub = environ.get("JUPYTERHUB_PUBLIC_HUB_URL")
    if hub:
        uri = f"{hub.rstrip('/')}/{HUB_PATH}"
        try:
            check_redirect_uri(uri)
        except ValueError as error:
            raise _no_redirect_uri(
                f"the default of this JupyterHub cannot be used: {uri!r} {error}"
            ) from None
        return uri
    if environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        prefix = environ.get("JUPYTERHUB_BASE_URL") or "/"
        raise _no_redirect_uri(
            "there is no default, because this JupyterHub does not publish its address. The value "
            f"is https://HUB{prefix}hub/{HUB_PATH}, where HUB is the host name of the hub. The "
            "hub's administrator can set it for all users in c.Spawner.environment, or publish "
            "the address with c.JupyterHub.public_url"
        )
    callback = environ.get(CALLBACK_URL_VARIABLE)
    if not callback:
        return OUTSIDE_JUPYTER
    parts = urlsplit(callback)
    if is_loopback(parts.hostname):
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit(parts._replace(netloc=f"localhost{port}"))
    if parts.scheme == "https":
        return callback
    # Its address is no redirect URI; what a server that has ended was does not matter any more.
    if presence_of(callback.removesuffix(CALLBACK_PATH)) is Presence.ABSENT:
        return OUTSIDE_JUPYTER
    if parts.scheme != "http":
        raise _no_redirect_uri(
            "there is no default, because this Jupyter server listens on a socket file"
        )
    raise _no_redirect_uri(
        "there is no default, because this Jupyter server uses http, which is not safe over a "
        "network"
    )


def _no_redirect_uri(why: str) -> SettingError:
    return SettingError(
        "redirect_uri",
        f"No redirect URI is set, and {why}. Ask your MyID administrator which redirect URI is "
        f"registered. Set it with {SETTINGS['redirect_uri'].places}.",
    )
