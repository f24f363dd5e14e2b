"""A proxy as companies have it: it passes TLS on unread, to whom it is told (RFC 9110 9.3.6)."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class ConnectProxy:
    """A proxy on 127.0.0.1 that leads every name to one server; a context manager.

    Args:
        upstream: port of that server, on 127.0.0.1.
        credentials: user name and password that it wants, as in a URL; empty for nobody's.

    Attributes:
        targets: host and port of every ``CONNECT``.
        heads: the headers of every ``CONNECT``, names in lower case.
        seen: everything that clients sent through it.
        url: its own, with the credentials.
    """

    def __init__(self, upstream: int, credentials: str = "") -> None:
        self.targets: list[str] = []
        self.heads: list[dict[str, str]] = []
        self.seen = bytearray()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """Opens a tunnel."""

            def do_CONNECT(self) -> None:
                """Answer a request for a tunnel, and serve it to its end."""
                outer.targets.append(self.path)
                outer.heads.append({k.lower(): v for k, v in self.headers.items()})
                if credentials and "proxy-authorization" not in outer.heads[-1]:
                    self.send_error(407)
                    return
                with socket.create_connection(("127.0.0.1", upstream), timeout=20) as server:
                    self.send_response(200)
                    self.end_headers()
                    outer._pass_on(self.connection, server)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients may go
        at = f"{credentials}@" if credentials else ""
        self.url = f"http://{at}127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        back = threading.Thread(target=_pump, args=(server, client))
        back.start()
        _pump(client, server, self.seen)
        back.join()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _pump(source: socket.socket, target: socket.socket, seen: bytearray | None = None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            if seen is not None:
                seen += data
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
