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
from myid_notebook.doctor.check import Check, Environment, note, ok, within_check_timeout, wrong
from myid_notebook.machine.processes import machine_name


def callback_checks(environment: Environment, redirect_uri: str) -> Iterator[Check]:
    """Yield the checks of how the redirect would arrive; ports opened for them are closed again."""
    yield _extension_check(environment)
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
    yield _runtime_folder_check()


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
            "If it should have been: install myid_notebook where Jupyter is installed, check that "
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
    if callback is None or route.kind is not RouteKind.JUPYTER:
        return ok(subject, "not on this Jupyter server")
    if route.redirect_uri.endswith(f"/hub/{HUB_PATH}"):
        return ok(subject, "the hub redirects each user to their own Jupyter server")
    host, other = urlsplit(route.redirect_uri).netloc, urlsplit(callback).netloc
    if host != other:
        return note(
            subject,
            f"the redirect goes to {host}, but this Jupyter server uses {other}",
            f"Open Jupyter at {host} in the browser and sign in to it there.",
        )
    return ok(subject, f"the redirect goes to this Jupyter server, {host}")


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
    return ok(subject, f"{folder}, private and writable")
