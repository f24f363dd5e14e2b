"""The Jupyter server extension: receives redirects, passes them to kernels, shows the outcome."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jupyter_server.utils import url_path_join
from tornado.web import HTTPError

from myid_notebook.callback import rendezvous
from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, CALLBACK_URL_VARIABLE
from myid_notebook.server.handlers import handlers
from myid_notebook.server.saving import remove_pending
from myid_notebook.server.token_store import TokenStore, serve
from myid_notebook.token_store.address import REFRESH_VARIABLE, STORE_VARIABLE

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
    limits = server.config.get("MyIDNotebook", {})
    share, refresh = str(limits.get("share", "server")), str(limits.get("refresh", "on")) != "off"
    if not refresh:
        os.environ[REFRESH_VARIABLE] = "off"
    if share == "off":
        return
    store = TokenStore(across_notebooks=share == "server", refresh=refresh)

    async def path_of(kernel: str) -> str | None:
        if kernel not in server.kernel_manager:
            return None
        try:
            return str((await server.session_manager.get_session(kernel_id=kernel))["path"])
        except HTTPError:
            return ""

    async def note_event(logger: object, schema_id: str, data: dict[str, Any]) -> None:  # noqa: ARG001 - jupyter_events' own
        store.note_event(data)

    try:
        path = await serve(store, path_of)
    except OSError as error:  # a full disk, or a runtime folder of another user
        kind = type(error).__name__
        server.log.warning("MyID sign-ins will not survive a kernel restart (%s)", kind)
        return
    if server.event_logger is not None:
        server.event_logger.add_listener(schema_id=_CONTENTS_EVENTS, listener=note_event)
    os.environ[STORE_VARIABLE] = str(path)


_CONTENTS_EVENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
_ALL_ADDRESSES = {"", "*", "0.0.0.0", "::"}  # noqa: S104 - recognised here, not bound
