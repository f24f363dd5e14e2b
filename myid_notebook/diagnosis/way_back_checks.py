"""The way back of the redirect: extension, redirect URI, door, runtime folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import myid_notebook
from myid_notebook.diagnosis.check import Check, note, ok, wrong
from myid_notebook.diagnosis.patience import within_patience
from myid_notebook.diagnosis.place import Place
from myid_notebook.redirects import rendezvous
from myid_notebook.redirects.choice import open_door
from myid_notebook.redirects.default_uri import HUB_PATH
from myid_notebook.redirects.door import Door, DoorKind
from myid_notebook.redirects.jupyter_servers import (
    CALLBACK_PATH,
    CALLBACK_URL_VARIABLE,
    extension_version,
)
from myid_notebook.redirects.rendezvous import Rendezvous
from myid_notebook.redirects.this_machine import machine_name


def way_back_checks(place: Place, redirect_uri: str) -> Iterator[Check]:
    """Yield the checks of the way back; what is opened for them is closed again.

    Args:
        place: where a sign-in would happen.
        redirect_uri: the one it would use.
    """
    yield _extension_check(place)
    yield ok("redirect URI", redirect_uri)
    try:
        door = within_patience(lambda: _tried_door(redirect_uri, place))
    except TimeoutError:
        yield wrong(
            "door",
            "a Jupyter server on this machine takes connections and does not answer",
            "End or restart the Jupyter server at the redirect URI's address.",
        )
    else:
        yield _callback_check(place, door)
        yield _door_check(door)
    yield _runtime_folder_check()


def _tried_door(redirect_uri: str, place: Place) -> Door:
    door = open_door(redirect_uri, place.environ, paste=False)
    door.close()
    return door


def _extension_check(place: Place) -> Check:
    subject = "Jupyter extension"
    callback = place.environ.get(CALLBACK_URL_VARIABLE)
    if callback is None:
        return note(
            subject,
            "no Jupyter server with the extension started this kernel",
            "If one should have: install myid_notebook where Jupyter is installed, see that "
            "“jupyter server extension list” says OK, and restart the server.",
        )
    if urlsplit(callback).scheme not in {"http", "https"}:
        return ok(subject, "active, at a server that listens on a socket file")
    try:
        version = within_patience(lambda: extension_version(callback.removesuffix(CALLBACK_PATH)))
    except TimeoutError:
        version = None
    if version is None:
        return note(subject, f"was active at {callback}, but does not answer from here")
    if version != myid_notebook.__version__:
        return wrong(
            subject,
            f"version {version} in the server, {myid_notebook.__version__} in the kernel",
            "Install the same version in both environments and restart the server.",
        )
    return ok(subject, f"active, version {version}, at {callback}")


def _callback_check(place: Place, door: Door) -> Check:
    subject = "callback"
    callback = place.environ.get(CALLBACK_URL_VARIABLE)
    if callback is None or door.kind is not DoorKind.JUPYTER:
        return ok(subject, "not this Jupyter server's")
    if door.redirect_uri.endswith(f"/hub/{HUB_PATH}"):
        return ok(subject, "the hub sends each of its users on to their own Jupyter server")
    host, other = urlsplit(door.redirect_uri).netloc, urlsplit(callback).netloc
    if host != other:
        return note(
            subject,
            f"the redirect goes to {host}, this Jupyter server calls itself {other}",
            f"Open Jupyter at {host} in the browser, so that its login is known there too.",
        )
    return ok(subject, f"the redirect goes to this Jupyter server, {host}")


def _door_check(door: Door) -> Check:
    if door.kind is DoorKind.PASTE:
        return note("door", f"{door.kind}. {door.reason}")
    return ok("door", f"{door.kind}. {door.reason}")


def _runtime_folder_check() -> Check:
    subject, folder = "runtime folder", rendezvous.folder()
    probe = Rendezvous(port=1, relay_key="", pid=os.getpid(), host=machine_name(), lifetime=1)
    try:
        probe.write(secrets.token_urlsafe(16)).unlink()
    except OSError as error:
        return wrong(
            subject,
            f"{folder} cannot be written ({error.strerror or error})",
            "Without it Jupyter cannot pass the answer on; %myid_login falls back to pasting. Give "
            "yourself the folder, or set JUPYTER_RUNTIME_DIR for the server and its kernels.",
        )
    return ok(subject, f"{folder}, private and writable")
