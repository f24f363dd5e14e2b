"""Which door a redirect URI leads through."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from myid_notebook.redirects import rendezvous
from myid_notebook.redirects.default_uri import HUB_PATH, default_redirect_uri
from myid_notebook.redirects.door import HOW_TO_PASTE, Door, DoorKind
from myid_notebook.redirects.jupyter_servers import (
    CALLBACK_PATH,
    CALLBACK_URL_VARIABLE,
    JupyterServer,
    extension_version,
    jupyter_servers,
)
from myid_notebook.redirects.peer import is_held_by_another_user
from myid_notebook.redirects.port_holder import holder_pid, port_holder
from myid_notebook.redirects.sockets import bind_exclusively, is_in_use
from myid_notebook.settings.urls import is_loopback, origin


def open_door(redirect_uri: str | None, environ: Mapping[str, str], *, paste: bool) -> Door:
    """Return the door for a redirect URI, with its sockets bound where this kernel holds it.

    Args:
        redirect_uri: as registered at MyID; None for this place's default.
        environ: the kernel's environment variables.
        paste: whether the user asked to paste the address.

    Raises:
        SettingError: there is no redirect URI and no default either.
    """
    uri = redirect_uri or default_redirect_uri(environ)
    if paste:
        return _paste(uri, f"You asked to paste: {HOW_TO_PASTE}.")
    return _own_jupyter(uri, environ) or _hub(uri, environ) or _on_this_machine(uri, environ)


def _own_jupyter(uri: str, environ: Mapping[str, str]) -> Door | None:
    callback = environ.get(CALLBACK_URL_VARIABLE)
    if callback and _same_place(uri, callback):
        return _jupyter(uri, "The answer comes back through this notebook's Jupyter server.")
    return None


def _hub(uri: str, environ: Mapping[str, str]) -> Door | None:
    on_hub = "JUPYTERHUB_SERVICE_PREFIX" in environ or "JUPYTERHUB_API_URL" in environ
    if not uri.endswith(f"/hub/{HUB_PATH}"):
        return None
    if on_hub:
        return _jupyter(uri, "The answer comes back through JupyterHub to your own server.")
    return _paste(
        uri, f"The answer goes to a JupyterHub, but this kernel runs outside: {HOW_TO_PASTE}."
    )


def _on_this_machine(uri: str, environ: Mapping[str, str]) -> Door:
    if not is_loopback(urlsplit(uri).hostname):
        return _beyond(uri, environ)
    server = _server_at(uri)
    if server is not None and extension_version(server.url):
        return _jupyter(uri, f"The answer comes back through your Jupyter server at {server.url}.")
    return _listener(uri, server)


def _server_at(uri: str) -> JupyterServer | None:
    # A server that was killed leaves its file, and its port to anybody.
    _, host, port = origin(uri)
    if is_held_by_another_user(host, port):
        return None
    return next((s for s in jupyter_servers() if _same_place(uri, s.callback_url)), None)


def _beyond(uri: str, environ: Mapping[str, str]) -> Door:
    if environ.get(CALLBACK_URL_VARIABLE) and urlsplit(uri).path.endswith(f"/{CALLBACK_PATH}"):
        reason = f"The answer comes back to {uri}, which should lead to this Jupyter server."
        return _jupyter(uri, reason)
    return _paste(uri, f"The answer goes to {uri}, which does not lead here: {HOW_TO_PASTE}.")


def _listener(uri: str, server: JupyterServer | None) -> Door:
    _, host, port = origin(uri)
    if urlsplit(uri).scheme == "https":
        return _paste(uri, f"Nothing here can serve {uri} with TLS: {HOW_TO_PASTE}.")
    sockets: list[socket.socket] = []
    try:
        sockets = bind_exclusively(host, port)
    except OSError as error:
        if not rendezvous.is_bound(uri):
            return _paste(uri, f"{_why_not(error, port, server)} Until then: {HOW_TO_PASTE}.")
    reason = f"This kernel itself takes the answer, at {uri}."
    return Door(kind=DoorKind.LISTENER, redirect_uri=uri, reason=reason, sockets=sockets)


def _why_not(error: OSError, port: int, server: JupyterServer | None) -> str:
    if not is_in_use(error):
        return f"This kernel may not listen on port {port} ({error.strerror})."
    # A server that was killed leaves its file, and its port to others.
    if server is not None and holder_pid(port) in {server.pid, None}:
        return (
            f"Port {port} is held by your Jupyter server (process {server.pid}), which runs "
            "without the MyID extension: install myid_notebook where Jupyter is installed and "
            "restart it."
        )
    return f"Port {port} is held by {port_holder(port)}; end it, or have another port registered."


def _jupyter(uri: str, reason: str) -> Door:
    return Door(kind=DoorKind.JUPYTER, redirect_uri=uri, reason=reason)


def _paste(uri: str, reason: str) -> Door:
    return Door(kind=DoorKind.PASTE, redirect_uri=uri, reason=reason)


def _same_place(uri: str, callback: str) -> bool:
    try:
        (scheme, host, port), (scheme2, host2, port2) = origin(uri), origin(callback)
    except ValueError:
        return False
    same_host = host == host2 or (is_loopback(host) and is_loopback(host2))
    same_path = _path(urlsplit(uri)) == _path(urlsplit(callback))
    return same_host and same_path and (scheme, port) == (scheme2, port2)


def _path(parts: SplitResult) -> str:
    # Jupyter percent-encodes its base URL; whoever registered the URI may not have.
    return unquote(parts.path)
