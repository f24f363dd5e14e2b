"""An extension of Jupyter to compare the callback with: an empty handler, and one that blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


class EmptyHandler(JupyterHandler):
    """``GET {base_url}bench/empty``: nothing."""

    @allow_unauthenticated
    def get(self) -> None:
        """Send an empty page."""
        self.finish("")


class BlockingHandler(JupyterHandler):
    """``GET {base_url}bench/blocking``: a token request in the server's own thread."""

    @allow_unauthenticated
    def get(self) -> None:
        """Request a token, and send an empty page."""
        url = self.get_query_argument("token_url")
        requests.post(url, data={"code": "the-code"}, timeout=60)
        self.finish("")


def _load_jupyter_server_extension(server: ServerApp) -> None:
    base_url = server.web_app.settings["base_url"]
    handlers = [("bench/empty", EmptyHandler), ("bench/blocking", BlockingHandler)]
    routes = [(url_path_join(base_url, path), handler) for path, handler in handlers]
    server.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call] # tornado's own
