"""Check the callback: extension, redirect URI, route, runtime folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import myid_notebook
from myid_notebook.callback import rendezvous
from myid_notebook.callback.default_uri import HUB_PATH
from myid_notebook.callback.jupyter_servers import (
    CALLBACK_PATH,
    CALLBACK_URL_VARIABLE,
    extension_version,
)
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.callback.route import CallbackRoute, RouteKind, choose_route
from myid_notebook.doctor.check import (
    Cause,
    Check,
    Environment,
    note,
    ok,
    within_check_timeout,
    wrong,
)
from myid_notebook.machine.processes import machine_name
from myid_notebook.settings.urls import host_and_port, is_loopback, origin


def callback_checks(environment: Environment, redirect_uri: str) -> Iterator[Check]:
    """Yield the checks of how the redirect would arrive; ports opened for them are closed again.

    Args:
        redirect_uri: empty if there is none that can be used.
    """
    yield _extension_check(environment)
    if redirect_uri:
        yield from _redirect_checks(environment, redirect_uri)
    else:
        yield note("redirect handled by", "skipped until the redirect URI above is fixed")
    yield _runtime_folder_check()


def _redirect_checks(environment: Environment, redirect_uri: str) -> Iterator[Check]:
    yield ok("redirect URI", redirect_uri)
    try:
        route = within_check_timeout(lambda: _choose_and_close_route(redirect_uri, environment))
    except TimeoutError:
        yield wrong(
            "redirect handled by",
            "a Jupyter server on this machine accepts connections but does not respond",
            "Stop or restart the Jupyter server at the address of the redirect URI.",
        )
    else:
        yield _callback_check(environment, route)
        yield _route_check(route)


def _choose_and_close_route(redirect_uri: str, environment: Environment) -> CallbackRoute:
    route = choose_route(redirect_uri, environment.environ, paste=False)
    route.close()
    return route


def _extension_check(environment: Environment) -> Check:
    subject = "Jupyter extension"
    callback = environment.environ.get(CALLBACK_URL_VARIABLE)
    if callback is None:
        return note(
            subject,
            "this kernel was not started by a Jupyter server with the MyID extension",
            "If it should have been, install myid_notebook where Jupyter is installed, check that "
            "“jupyter server extension list” shows OK, and restart the server.",
        )
    if urlsplit(callback).scheme not in {"http", "https"}:
        return ok(subject, "active, on a server that listens on a socket file")
    try:
        version = within_check_timeout(
            lambda: extension_version(callback.removesuffix(CALLBACK_PATH))
        )
    except TimeoutError:
        version = None
    if version is None:
        return note(subject, f"was active at {callback}, but does not respond to this kernel")
    if version != myid_notebook.__version__:
        return wrong(
            subject,
            f"version {version} in the server, {myid_notebook.__version__} in the kernel",
            "Install the same version in both environments and restart the server.",
        )
    return ok(subject, f"active, version {version}, at {callback}")


def _callback_check(environment: Environment, route: CallbackRoute) -> Check:
    subject = "callback"
    callback = environment.environ.get(CALLBACK_URL_VARIABLE)
    if callback is None or urlsplit(callback).scheme not in {"http", "https"}:
        return ok(subject, "not on this Jupyter server")
    if route.redirect_uri.endswith(f"/hub/{HUB_PATH}"):
        return ok(subject, "the hub redirects each user to their own Jupyter server")
    (_, host, port), (_, other, other_port) = origin(route.redirect_uri), origin(callback)
    if is_loopback(host) and is_loopback(other) and port != other_port:
        return _other_port_check(route, port, other_port)
    if route.kind is not RouteKind.JUPYTER:
        return ok(subject, "not on this Jupyter server")
    shown, other_shown = host_and_port(route.redirect_uri), host_and_port(callback)
    if shown != other_shown:
        return note(
            subject,
            f"the redirect goes to {shown}, but this Jupyter server uses {other_shown}",
            f"Open Jupyter at {shown} in the browser and sign in to it there.",
        )
    return ok(subject, f"the redirect goes to this Jupyter server, {shown}")


def _other_port_check(route: CallbackRoute, port: int, other_port: int) -> Check:
    detail = f"the redirect URI has port {port}, but this Jupyter server uses port {other_port}"
    if route.kind is not RouteKind.PASTE:  # this kernel or another server of the user is there
        return ok("callback", detail, cause=Cause.OTHER_PORT)
    return note(
        "callback",
        detail,
        f"Set MYID_REDIRECT_URI to this Jupyter server's address, if it is registered at MyID; or "
        f"start Jupyter with --port {port}; or paste the address after signing in.",
        cause=Cause.PASTE_FOR_PORT,
    )


def _route_check(route: CallbackRoute) -> Check:
    if route.kind is RouteKind.PASTE:
        return note("redirect handled by", f"{route.kind}. {route.reason}")
    return ok("redirect handled by", f"{route.kind}. {route.reason}")


def _runtime_folder_check() -> Check:
    subject, folder = "runtime folder", rendezvous.folder()
    probe = Rendezvous(port=1, relay_key="", pid=os.getpid(), host=machine_name(), lifetime=1)
    try:
        probe.write(secrets.token_urlsafe(16)).unlink()
    except OSError as error:
        return wrong(
            subject,
            f"{folder} cannot be written ({error.strerror or error})",
            "Without this folder, Jupyter cannot pass the redirect to the notebook, and "
            "%myid_login asks you to paste an address. Make the folder writable for you, or set "
            "JUPYTER_RUNTIME_DIR for the server and its kernels.",
        )
    return ok(subject, f"{folder}, private and writable for this kernel")
