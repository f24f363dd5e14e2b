"""Choose how the redirect reaches this kernel."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

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
"""What the user can do if the redirect cannot arrive."""


class RouteKind(StrEnum):
    """Who receives the redirect."""

    JUPYTER = "your Jupyter server"
    OWN_PORT = "this kernel"
    SHARED_PORT = "another pending sign-in of yours, which passes it on to this kernel"
    PASTE = "you, by pasting an address"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRoute:
    """How the redirect of one sign-in arrives.

    Args:
        kind: who receives the redirect.
        redirect_uri: sent to MyID, at the authorization and at the token endpoint alike.
        reason: one or two sentences for the user: which route, and why.
        sockets: listening at the redirect URI itself; empty unless the kind is ``OWN_PORT``.
    """

    kind: RouteKind
    redirect_uri: str
    reason: str
    sockets: list[socket.socket] = field(default_factory=list, repr=False)

    def close(self) -> None:
        """Close the sockets; does nothing if a listener has closed them."""
        for sock in self.sockets:
            sock.close()


def choose_route(
    redirect_uri: str | None, environ: Mapping[str, str], *, paste: bool
) -> CallbackRoute:
    """Return the route for a redirect URI; binds its port if this kernel is to receive it.

    The redirect URI decides, because MyID compares it as a whole string with the registered ones.

    Args:
        redirect_uri: as registered at MyID; None for the default of this environment.
        paste: whether the user asked to paste the address.

    Raises:
        SettingError: there is neither a redirect URI nor a default.
    """
    uri = redirect_uri or default_redirect_uri(environ)
    if paste:
        return _paste(
            uri, "After signing in, copy the address of the page you land on and paste it below."
        )
    callback = environ.get(CALLBACK_URL_VARIABLE)
    if callback and _is_same_url(uri, callback):
        return _jupyter(uri, "MyID will send you back to this Jupyter server.")
    if uri.endswith(f"/hub/{HUB_PATH}"):
        return _hub_route(uri, environ)
    if is_loopback(urlsplit(uri).hostname):
        return _loopback_route(uri)
    if callback and urlsplit(uri).path.endswith(f"/{CALLBACK_PATH}"):
        # Probably this server behind a proxy: it does not know its own public address.
        return _jupyter(
            uri, f"MyID will send you back to {uri}, which should be this Jupyter server."
        )
    return _paste(uri, f"MyID will send you to {uri}, which is not this notebook: {HOW_TO_PASTE}.")


def _hub_route(uri: str, environ: Mapping[str, str]) -> CallbackRoute:
    if "JUPYTERHUB_SERVICE_PREFIX" in environ or "JUPYTERHUB_API_URL" in environ:
        return _jupyter(uri, "MyID will send you back to your own server through JupyterHub.")
    return _paste(
        uri, f"MyID will send you to a JupyterHub, but this kernel runs outside it: {HOW_TO_PASTE}."
    )


def _loopback_route(uri: str) -> CallbackRoute:
    _, host, port = origin(uri)
    server = _jupyter_server_at(uri)
    if server is not None and extension_version(server.url):
        return _jupyter(uri, f"MyID will send you back to your Jupyter server at {server.url}.")
    if urlsplit(uri).scheme == "https":
        return _paste(
            uri,
            f"This kernel cannot serve {uri}, because it has no TLS certificate: {HOW_TO_PASTE}.",
        )
    kind, sockets = RouteKind.OWN_PORT, []
    try:
        sockets = bind_exclusively(host, port)
    except OSError as error:
        if not rendezvous.is_bound_by_sign_in(uri):
            return _paste(uri, _why_not_bound(error, port, server))
        kind = RouteKind.SHARED_PORT
    reason = f"MyID will send you back to this kernel, at {uri}."
    return CallbackRoute(kind=kind, redirect_uri=uri, reason=reason, sockets=sockets)


def _jupyter_server_at(uri: str) -> JupyterServer | None:
    # A killed server leaves its file, and another user may have taken its port since: the redirect
    # must not go there.
    _, host, port = origin(uri)
    if is_held_by_another_user(host, port):
        return None
    return next((s for s in jupyter_servers() if _is_same_url(uri, s.callback_url)), None)


def _why_not_bound(error: OSError, port: int, server: JupyterServer | None) -> str:
    if not is_in_use(error):
        return f"This kernel may not use port {port} ({error.strerror}): {HOW_TO_PASTE}."
    # The pid is compared because a killed server leaves its file, and its port to other programs.
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


def _is_same_url(uri: str, other: str) -> bool:
    """Return whether two URLs reach the same callback, by whatever name of this machine."""
    try:
        (scheme, host, port), (other_scheme, other_host, other_port) = origin(uri), origin(other)
    except ValueError:
        return False
    same_host = host == other_host or (is_loopback(host) and is_loopback(other_host))
    # Jupyter percent-encodes its base URL; the registered URI may be written without that.
    same_path = unquote(urlsplit(uri).path) == unquote(urlsplit(other).path)
    return same_host and same_path and (scheme, port) == (other_scheme, other_port)
