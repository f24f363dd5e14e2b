"""Choose how the redirect reaches this kernel."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

from myid_notebook.callback import rendezvous
from myid_notebook.callback.default_uri import HUB_PATH, default_redirect_uri
from myid_notebook.callback.jupyter_servers import (
    CALLBACK_PATH,
    CALLBACK_URL_VARIABLE,
    JupyterServer,
    extension_version,
    jupyter_servers,
)
from myid_notebook.machine.peer import is_held_by_another_user
from myid_notebook.machine.ports import bind_exclusively, holder_pid, is_in_use, port_holder
from myid_notebook.settings.urls import is_loopback, origin

HOW_TO_PASTE = (
    "after signing in, copy the address of the page you land on and paste it (%myid_login --paste "
    "asks for it)"
)
"""What the user does where no redirect can arrive."""


class RouteKind(StrEnum):
    """Who takes the redirect."""

    JUPYTER = "your Jupyter server"
    LISTENER = "this kernel"
    PASTE = "you, by pasting an address"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRoute:
    """The way back of one sign-in.

    Args:
        kind: who takes the redirect.
        redirect_uri: sent to MyID, at the authorization and at the token endpoint alike.
        reason: one sentence for the user: which route, and why.
        sockets: listening on the redirect URI's own address, where this kernel holds it. Empty
            with ``LISTENER`` while another pending sign-in of this user holds it and passes on.
    """

    kind: RouteKind
    redirect_uri: str
    reason: str
    sockets: list[socket.socket] = field(default_factory=list, repr=False)

    def close(self) -> None:
        """Close the sockets; harmless where a listener already did."""
        for sock in self.sockets:
            sock.close()


_PASTE_BELOW = "After signing in, copy the address of the page you land on and paste it below."


def choose_route(
    redirect_uri: str | None, environ: Mapping[str, str], *, paste: bool
) -> CallbackRoute:
    """Return the route for a redirect URI, with its sockets bound where this kernel holds it.

    Args:
        redirect_uri: as registered at MyID; None for this place's default.
        environ: the kernel's environment variables.
        paste: whether the user asked to paste the address.

    Raises:
        SettingError: there is no redirect URI and no default either.
    """
    uri = redirect_uri or default_redirect_uri(environ)
    if paste:
        return _paste(uri, _PASTE_BELOW)
    return _own_jupyter(uri, environ) or _hub(uri, environ) or _on_this_machine(uri, environ)


def _own_jupyter(uri: str, environ: Mapping[str, str]) -> CallbackRoute | None:
    callback = environ.get(CALLBACK_URL_VARIABLE)
    if callback and _same_place(uri, callback):
        return _jupyter(uri, "MyID will send you back to this Jupyter server.")
    return None


def _hub(uri: str, environ: Mapping[str, str]) -> CallbackRoute | None:
    on_hub = "JUPYTERHUB_SERVICE_PREFIX" in environ or "JUPYTERHUB_API_URL" in environ
    if not uri.endswith(f"/hub/{HUB_PATH}"):
        return None
    if on_hub:
        return _jupyter(uri, "MyID will send you back to your own server through JupyterHub.")
    return _paste(
        uri, f"MyID will send you to a JupyterHub, but this kernel runs outside it: {HOW_TO_PASTE}."
    )


def _on_this_machine(uri: str, environ: Mapping[str, str]) -> CallbackRoute:
    if not is_loopback(urlsplit(uri).hostname):
        return _beyond(uri, environ)
    server = _server_at(uri)
    if server is not None and extension_version(server.url):
        return _jupyter(uri, f"MyID will send you back to your Jupyter server at {server.url}.")
    return _listener(uri, server)


def _server_at(uri: str) -> JupyterServer | None:
    # A server that was killed leaves its file, and its port to anybody.
    _, host, port = origin(uri)
    if is_held_by_another_user(host, port):
        return None
    return next((s for s in jupyter_servers() if _same_place(uri, s.callback_url)), None)


def _beyond(uri: str, environ: Mapping[str, str]) -> CallbackRoute:
    if environ.get(CALLBACK_URL_VARIABLE) and urlsplit(uri).path.endswith(f"/{CALLBACK_PATH}"):
        reason = f"MyID will send you back to {uri}, which should be this Jupyter server."
        return _jupyter(uri, reason)
    return _paste(uri, f"MyID will send you to {uri}, which is not this notebook: {HOW_TO_PASTE}.")


def _listener(uri: str, server: JupyterServer | None) -> CallbackRoute:
    _, host, port = origin(uri)
    if urlsplit(uri).scheme == "https":
        return _paste(
            uri,
            f"This kernel cannot serve {uri}, because it has no TLS certificate: {HOW_TO_PASTE}.",
        )
    sockets: list[socket.socket] = []
    try:
        sockets = bind_exclusively(host, port)
    except OSError as error:
        if not rendezvous.is_bound(uri):
            return _paste(uri, _why_not(error, port, server))
    reason = f"MyID will send you back to this kernel, at {uri}."
    return CallbackRoute(kind=RouteKind.LISTENER, redirect_uri=uri, reason=reason, sockets=sockets)


def _why_not(error: OSError, port: int, server: JupyterServer | None) -> str:
    if not is_in_use(error):
        return f"This kernel may not use port {port} ({error.strerror}): {HOW_TO_PASTE}."
    # A server that was killed leaves its file, and its port to others.
    if server is not None and holder_pid(port) in {server.pid, None}:
        return (
            f"Port {port} is in use by your Jupyter server (process {server.pid}), which runs "
            "without the MyID extension. Install myid_notebook where Jupyter is installed and "
            f"restart the server. Until then: {HOW_TO_PASTE}."
        )
    return (
        f"Port {port} is in use by {port_holder(port)}, so MyID cannot reach this notebook. Paste "
        "the address after signing in (%myid_login --paste asks for it), or ask for another port "
        "to be registered."
    )


def _jupyter(uri: str, reason: str) -> CallbackRoute:
    return CallbackRoute(kind=RouteKind.JUPYTER, redirect_uri=uri, reason=reason)


def _paste(uri: str, reason: str) -> CallbackRoute:
    return CallbackRoute(kind=RouteKind.PASTE, redirect_uri=uri, reason=reason)


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
