"""Choose how the redirect reaches this kernel."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from myid_notebook.callback import rendezvous
from myid_notebook.callback.jupyter_servers import (
    CALLBACK_PATH,
    CALLBACK_URL_VARIABLE,
    HUB_PATH,
    PASTE_PATH,
    JupyterServer,
    Presence,
    default_redirect_uri,
    jupyter_servers,
    presence_of,
)
from myid_notebook.machine.peer import is_held_by_another_user
from myid_notebook.machine.ports import bind_exclusively, holder_pid, is_in_use, program
from myid_notebook.settings.urls import is_loopback, origin

HOW_TO_PASTE = (
    "after signing in, copy the address of the page you land on and paste it (--paste, in Python "
    "paste=True, asks for it)"
)
"""What the user can do if the redirect cannot arrive."""


class RouteKind(StrEnum):
    """Who receives the redirect."""

    JUPYTER = "your Jupyter server"
    OWN_PORT = "this kernel"
    PASTE = "you, by pasting an address"


class CallbackRoute(NamedTuple):
    """How the redirect of one sign-in arrives.

    Args:
        kind: who receives the redirect.
        redirect_uri: sent to MyID, at the authorization and at the token endpoint alike.
        reason: one or two sentences for the user: which route, and why.
        sockets: listening at the redirect URI itself; empty unless the kind is ``OWN_PORT``.
        paste_path: of the paste page of this kernel's Jupyter server; empty without such a server.
            A path, because the kernel does not know by which host name the browser reaches Jupyter.
        if_elsewhere: what to do if the browser runs on another computer; the reason ends with it.
    """

    kind: RouteKind
    redirect_uri: str
    reason: str
    paste_path: str = ""
    if_elsewhere: str = ""
    sockets: Sequence[socket.socket] = ()

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
    # The environment is inherited: in tmux or a batch job, by programs that outlive the server.
    callback = environ.get(CALLBACK_URL_VARIABLE, "")
    presence = presence_of(callback.removesuffix(CALLBACK_PATH)) if callback else Presence.ABSENT
    route = _route(uri, environ, presence, paste=paste)
    if not presence.is_believed:
        return route
    page = urlsplit(callback).path.removesuffix(CALLBACK_PATH) + PASTE_PATH
    return route._replace(paste_path=page)


def _route(
    uri: str, environ: Mapping[str, str], presence: Presence, *, paste: bool
) -> CallbackRoute:
    if paste:
        return _paste(
            uri, "After signing in, copy the address of the page you land on and paste it below."
        )
    if uri.endswith(f"/hub/{HUB_PATH}"):
        return _hub_route(uri, environ, presence)
    callback = environ.get(CALLBACK_URL_VARIABLE, "")
    is_own = bool(callback) and _is_same_url(uri, callback)
    if is_own and presence.is_believed:
        return _jupyter(uri, "MyID will send you back to this Jupyter server.")
    if is_loopback(urlsplit(uri).hostname):
        note = _why_not_believed(callback, presence) if is_own else ""
        here = callback if presence.is_believed else ""
        return _loopback_route(uri, note, _if_elsewhere(uri, here, environ))
    if callback and (is_own or urlsplit(uri).path.endswith(f"/{CALLBACK_PATH}")):
        return _route_of_public_address(uri, callback, presence)
    return _paste(uri, f"MyID will send you to {uri}, which is not this notebook: {HOW_TO_PASTE}.")


def _route_of_public_address(uri: str, callback: str, presence: Presence) -> CallbackRoute:
    # Probably this server behind a proxy: it does not know its own public address.
    if presence.is_believed:
        return _jupyter(
            uri, f"MyID will send you back to {uri}, which should be this Jupyter server."
        )
    why = _why_not_believed(callback, presence)
    return _paste(uri, f"{why} Therefore, {HOW_TO_PASTE}.")


def _why_not_believed(callback: str, presence: Presence) -> str:
    server = f"The Jupyter server at {callback.removesuffix(CALLBACK_PATH)}"
    if presence is Presence.NOT_OURS:
        return (
            f"{server} belongs to another user, or has a different runtime folder than this kernel."
        )
    return f"{server}, which started this kernel, is no longer running."


def _hub_route(uri: str, environ: Mapping[str, str], presence: Presence) -> CallbackRoute:
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    if not prefix and "JUPYTERHUB_API_URL" not in environ:
        return _paste(
            uri,
            f"MyID will send you to a JupyterHub, but this kernel runs outside it: {HOW_TO_PASTE}.",
        )
    # The hub sends each user to the server that runs now, which may have been restarted since.
    if presence.is_believed or any(
        presence_of(each.url).is_believed for each in jupyter_servers(below=prefix)
    ):
        return _jupyter(uri, "MyID will send you back to your own server through JupyterHub.")
    return _paste(
        uri,
        "MyID will send you to a JupyterHub, but none of your Jupyter servers with the MyID "
        f"extension responds to this kernel: {HOW_TO_PASTE}.",
    )


def _if_elsewhere(uri: str, callback: str, environ: Mapping[str, str]) -> str:
    """Return what to do if the browser runs on another computer; empty if it runs on this one."""
    _, host, port = origin(uri)
    container = _is_in_container()
    ssh = environ.get("SSH_CONNECTION", "") or environ.get("SSH_TTY")
    # A browser on Windows reaches the ports of its WSL.
    has_display = sys.platform in {"win32", "darwin"} or any(
        environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    )
    if has_display and not (ssh or container or environ.get("CODESPACES")):
        return ""
    if callback and _path(uri) == _path(callback):
        # The redirect may arrive there as well: the server finds this kernel by the state.
        return (
            f"If your browser runs on another computer, and port {port} there is forwarded to this "
            "Jupyter server, the redirect will arrive that way."
        )
    if any(name.startswith("VSCODE_") or name == "CODESPACES" for name in environ):
        how = f"check that the Ports view of VS Code forwards port {port} to it"
    elif "KUBERNETES_SERVICE_HOST" in environ:
        how = f"forward the port (kubectl port-forward {socket.gethostname()} {port}:{port})"
    elif container and not ssh:
        how = (
            f"port {port} of this container must be forwarded to it (to publish the port is not "
            "enough, because this process listens at localhost only)"
        )
    else:
        address = f"[{host}]" if ":" in host else host
        how = f"forward the port (ssh -L {port}:{address}:{port} {_ssh_target(environ)})"
    return (
        f"If your browser runs on another computer, {how}, or paste the address of the page after "
        "sign-in (--paste, in Python paste=True)."
    )


def _is_in_container() -> bool:
    return any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv"))


def _ssh_target(environ: Mapping[str, str]) -> str:
    """Return this machine as ``ssh`` reached it, else by its name."""
    # sshd writes: client's address and port, server's address and port.
    fields = environ.get("SSH_CONNECTION", "").split()
    try:
        address, port = ip_address(fields[2]), int(fields[3])
    except (ValueError, IndexError):
        return socket.gethostname()
    target = socket.gethostname() if address.is_loopback else str(address)
    return target if port == 22 else f"-p {port} {target}"  # noqa: PLR2004 - ssh's own


def _loopback_route(uri: str, note: str, if_elsewhere: str) -> CallbackRoute:
    port = origin(uri)[2]
    server = _jupyter_server_at(uri)
    if server is not None and presence_of(server.url).is_believed:
        return _jupyter(uri, f"MyID will send you back to your Jupyter server at {server.url}.")
    try:
        # Without a certificate, this kernel cannot take what a browser sends with TLS.
        if urlsplit(uri).scheme == "https":
            return _behind_proxy(uri) or _paste(
                uri,
                f"This kernel cannot serve {uri}, because it has no TLS certificate: "
                f"{HOW_TO_PASTE}.",
            )
        sockets = _listening_sockets(uri)
    except OSError as error:
        return _behind_proxy(uri) or _paste(uri, _why_not_bound(error, port, server))
    return CallbackRoute(
        kind=RouteKind.OWN_PORT,
        redirect_uri=uri,
        reason=f"{note} MyID will send you back to this kernel, at {uri}. {if_elsewhere}".strip(),
        sockets=sockets,
        if_elsewhere=if_elsewhere,
    )


_listening: dict[str, list[Sequence[socket.socket]]] = {}
"""The sockets of this kernel's sign-ins by redirect URI, those of ended sign-ins among them."""

_listening_lock = threading.Lock()


def _listening_sockets(uri: str) -> Sequence[socket.socket]:
    """Return sockets that listen at a redirect URI; the pending sign-ins of a kernel share a port.

    Each sign-in has duplicates of its own to close, so the port stays open until the last one ends.

    Raises:
        OSError: the port cannot be bound.
    """
    _, host, port = origin(uri)
    with _listening_lock:
        pending = [each for each in _listening.get(uri, ()) if each[0].fileno() >= 0]
        for each in pending:
            # A sign-in that ends just now has closed some of its sockets, or all.
            with suppress(OSError), ExitStack() as made:
                sockets = [made.enter_context(sock.dup()) for sock in each]
                made.pop_all()
                break
        else:
            sockets = bind_exclusively(host, port)
        _listening[uri] = [*pending, sockets]
        return sockets


def _behind_proxy(uri: str) -> CallbackRoute | None:
    """Return the route if something at a loopback address leads to this user's Jupyter server.

    A proxy that adds TLS, a published or forwarded port.
    """
    server_url = uri.removesuffix(CALLBACK_PATH)
    # Only with the proof: nothing else says that the redirect would come back to this user.
    if not uri.endswith(f"/{CALLBACK_PATH}") or presence_of(server_url) is not Presence.OURS:
        return None
    return _jupyter(
        uri, f"MyID will send you back to {server_url}, which leads to your Jupyter server."
    )


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
    holder = holder_pid(port)
    # The pid is compared because a killed server leaves its file, and its port to other programs.
    if server is not None and holder in {server.pid, None}:
        return (
            f"Port {port} is in use by your Jupyter server (process {server.pid}), which runs "
            "without the MyID extension. Install myid_notebook where Jupyter is installed and "
            f"restart the server. Until then: {HOW_TO_PASTE}."
        )
    if holder != os.getpid() and any(
        holder == each.pid and each.counts_like_this_process for each in rendezvous.pending()
    ):
        return (
            f"Another notebook of yours (process {holder}) is waiting for its sign-in at this "
            "address. Finish or interrupt that sign-in, then run this cell again; or, "
            f"{HOW_TO_PASTE}."
        )
    own = next((each for each in jupyter_servers() if each.pid == holder), None)
    if own is not None:
        return (
            f"Port {port} is in use by your own Jupyter server at {own.url} (process {own.pid}), "
            f"whose callback is {own.callback_url}. If that is registered at MyID, set "
            f"MYID_REDIRECT_URI to it. Otherwise, {HOW_TO_PASTE}."
        )
    return (
        f"Port {port} is in use by {program(holder)}, so MyID cannot reach this notebook. Paste "
        "the address after signing in (--paste, in Python paste=True, asks for it), or ask for "
        "another port to be registered."
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
    same_path = _path(uri) == _path(other)
    return same_host and same_path and (scheme, port) == (other_scheme, other_port)


def _path(url: str) -> str:
    # Jupyter percent-encodes its base URL; the registered URI may be written without that.
    return unquote(urlsplit(url).path)
