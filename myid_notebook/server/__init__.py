"""The Jupyter server extension: receives redirects, passes them to kernels, shows the outcome."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jupyter_server.utils import url_path_join

from myid_notebook.callback import rendezvous
from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, CALLBACK_URL_VARIABLE
from myid_notebook.server.handlers import handlers
from myid_notebook.server.saving import remove_pending
from myid_notebook.server.token_store import TokenStore, serve
from myid_notebook.token_store.address import STORE_VARIABLE

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def load(server: ServerApp) -> None:
    """Add the handlers of the extension to a server."""
    base_url = server.web_app.settings["base_url"]
    routes = [(url_path_join(base_url, path), handler) for path, handler in handlers]
    server.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call] # tornado's own
    server.contents_manager.register_pre_save_hook(remove_pending)  # type: ignore[no-untyped-call] # jupyter_server's own


async def start(server: ServerApp) -> None:
    """Put the URL of the callback into the environment of the server's kernels.

    Also starts the token store, and removes the rendezvous files of killed kernels. Called once
    the server listens, because its port may change until then.
    """
    rendezvous.remove_expired()
    parts = urlsplit(server.connection_url)
    if server.ip in _ALL_ADDRESSES:
        parts = parts._replace(netloc=f"localhost:{server.port}")
    os.environ[CALLBACK_URL_VARIABLE] = url_path_join(parts.geturl(), CALLBACK_PATH)
    await _start_token_store(server)


async def _start_token_store(server: ServerApp) -> None:
    os.environ.pop(STORE_VARIABLE, None)  # of a server from whose terminal this one was started
    allowed = str(server.config.get("MyIDNotebook", {}).get("share", "server"))
    if allowed == "off":
        return
    try:
        path = await serve(TokenStore(across_notebooks=allowed == "server"))
    except OSError as error:  # a full disk, or a runtime folder of another user
        kind = type(error).__name__
        server.log.warning("MyID sign-ins will not survive a kernel restart (%s)", kind)
        return
    os.environ[STORE_VARIABLE] = str(path)


_ALL_ADDRESSES = {"", "*", "0.0.0.0", "::"}  # noqa: S104 - recognised here, not bound
