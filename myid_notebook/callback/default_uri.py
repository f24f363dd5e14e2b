"""The default redirect URI."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from myid_notebook.callback.jupyter_servers import (
    CALLBACK_PATH,
    CALLBACK_URL_VARIABLE,
    Presence,
    presence_of,
)
from myid_notebook.errors import SettingError
from myid_notebook.settings.table import SETTINGS
from myid_notebook.settings.urls import check_redirect_uri, is_loopback

OUTSIDE_JUPYTER = f"http://localhost:8888/{CALLBACK_PATH}"
HUB_PATH = f"user-redirect/{CALLBACK_PATH}"
"""Where a JupyterHub redirects each user to their own server, below the hub's URL."""


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
        return _hub_redirect_uri(hub)
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


def _hub_redirect_uri(hub_url: str) -> str:
    uri = f"{hub_url.rstrip('/')}/{HUB_PATH}"
    try:
        check_redirect_uri(uri)
    except ValueError as error:
        raise _no_redirect_uri(
            f"the default of this JupyterHub cannot be used: {uri!r} {error}"
        ) from None
    return uri


def _no_redirect_uri(why: str) -> SettingError:
    return SettingError(
        "redirect_uri",
        f"No redirect URI is set, and {why}. Ask your MyID administrator which redirect URI is "
        f"registered. Set it with {SETTINGS['redirect_uri'].places}.",
    )
