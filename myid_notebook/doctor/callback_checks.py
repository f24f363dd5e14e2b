"""Check the callback: extension, redirect URI, route, runtime folder."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import myid_notebook
from myid_notebook.callback.jupyter_servers import (
    CALLBACK_PATH,
    CALLBACK_URL_VARIABLE,
    HUB_PATH,
    extension_version,
)
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import CallbackRoute, RouteKind
from myid_notebook.doctor.check import Cause, Examination, Result, note, ok, wrong
from myid_notebook.machine.private_files import folder
from myid_notebook.settings.urls import host_and_port, is_loopback, origin


def redirect_uri_check(examination: Examination) -> Result | None:
    """Return the redirect URI that a sign-in would use."""
    if examination.redirect_uri:
        return ok(examination.redirect_uri)
    if examination.no_redirect_uri:
        return wrong("is missing", examination.no_redirect_uri)
    return None


def extension_check(examination: Examination) -> Result:
    """Return whether the Jupyter server of this kernel has the extension, in this version."""
    callback = examination.environment.environ.get(CALLBACK_URL_VARIABLE)
    if callback is None:
        return note(
            "this kernel was not started by a Jupyter server with the MyID extension",
            "If it should have been, install myid_notebook where Jupyter is installed, check that "
            "“jupyter server extension list” shows OK, and restart the server.",
        )
    if urlsplit(callback).scheme not in {"http", "https"}:
        return ok("active, on a server that listens on a socket file")
    try:
        version = examination.probe.call(
            lambda: extension_version(callback.removesuffix(CALLBACK_PATH))
        )
    except TimeoutError:
        version = None
    if version is None:
        return note(f"was active at {callback}, but does not respond to this kernel")
    if version != myid_notebook.__version__:
        return wrong(
            f"version {version} in the server, {myid_notebook.__version__} in the kernel",
            "Install the same version in both environments and restart the server.",
        )
    return ok(f"active, version {version}, at {callback}")


def callback_check(examination: Examination) -> Result | None:
    """Return whether the redirect URI is the callback of this kernel's Jupyter server."""
    route = examination.route if examination.redirect_uri else None
    if route is None:  # already reported by route_check
        return None
    callback = examination.environment.environ.get(CALLBACK_URL_VARIABLE, "")
    if urlsplit(callback).scheme not in {"http", "https"}:
        return ok("not on this Jupyter server")
    if route.redirect_uri.endswith(f"/hub/{HUB_PATH}"):
        return ok("the hub redirects each user to their own Jupyter server")
    return _compare(route, callback)


def _compare(route: CallbackRoute, callback: str) -> Result:
    """Return whether the redirect URI of a route is at the host and port of a Jupyter server."""
    (_, host, port), (_, other, other_port) = origin(route.redirect_uri), origin(callback)
    if is_loopback(host) and is_loopback(other) and port != other_port:
        return _other_port(route, port, other_port)
    if route.kind is not RouteKind.JUPYTER:
        return ok("not on this Jupyter server")
    shown, other_shown = host_and_port(route.redirect_uri), host_and_port(callback)
    if shown == other_shown:
        return ok(f"the redirect goes to this Jupyter server, {shown}")
    return note(
        f"the redirect goes to {shown}, but this Jupyter server uses {other_shown}",
        f"Open Jupyter at {shown} in the browser and sign in to it there.",
    )


def _other_port(route: CallbackRoute, port: int, other_port: int) -> Result:
    detail = f"the redirect URI has port {port}, but this Jupyter server uses port {other_port}"
    if route.kind is not RouteKind.PASTE:  # this kernel or another server of the user is there
        return ok(detail, cause=Cause.OTHER_PORT)
    return note(
        detail,
        f"Set MYID_REDIRECT_URI to this Jupyter server's address, if it is registered at MyID; or "
        f"start Jupyter with --port {port}; or paste the address after signing in.",
        cause=Cause.OTHER_PORT,
    )


def route_check(examination: Examination) -> Result:
    """Return how the redirect would reach this kernel."""
    if not examination.redirect_uri:
        return note("skipped until the redirect URI above is fixed")
    route = examination.route
    if route is None:
        return wrong(
            "a Jupyter server on this machine accepts connections but does not respond",
            "Stop or restart the Jupyter server at the address of the redirect URI.",
        )
    detail = f"{route.kind}. {route.reason}"
    return note(detail) if route.kind is RouteKind.PASTE else ok(detail)


def runtime_folder_check(_: Examination) -> Result:
    """Return whether this kernel can write rendezvous files."""
    home = folder()
    sample = Rendezvous(port=1, key="", valid_until=1)
    try:
        sample.write(secrets.token_urlsafe(16)).unlink()
    except OSError as error:
        return wrong(
            f"{home} cannot be written ({error.strerror or error})",
            "Without this folder, Jupyter cannot pass the redirect to the notebook, and "
            "%myid_login asks you to paste an address. Make the folder writable for you, or set "
            "JUPYTER_RUNTIME_DIR for the server and its kernels.",
        )
    return ok(f"{home}, private and writable for this kernel")
