"""The Jupyter server extension: receives redirects, passes them to kernels, shows the outcome."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jupyter_server.utils import url_path_join

from myid_notebook.callback import rendezvous
from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, CALLBACK_URL_VARIABLE
from myid_notebook.server.handlers import handlers

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def load(server: ServerApp) -> None:
    """Add the handlers of the extension to a server."""
    base_url = server.web_app.settings["base_url"]
    routes = [(url_path_join(base_url, path), handler) for path, handler in handlers]
    server.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call] # tornado's own


def start(server: ServerApp) -> None:
    """Put the URL of the callback into the environment of the server's kernels.

    Also removes the rendezvous files of killed kernels. Called once the server listens, because
    its port may change until then.
    """
    rendezvous.remove_expired()
    parts = urlsplit(server.connection_url)
    if server.ip in _ALL_ADDRESSES:
        parts = parts._replace(netloc=f"localhost:{server.port}")
    os.environ[CALLBACK_URL_VARIABLE] = url_path_join(parts.geturl(), CALLBACK_PATH)


_ALL_ADDRESSES = {"", "*", "0.0.0.0", "::"}  # noqa: S104 - recognised here, not bound
