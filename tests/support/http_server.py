"""A small real HTTP server in threads, which answers as a test tells it."""

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self


class Seen(NamedTuple):
    """A request as it arrived.

    Args:
        method: HTTP method.
        target: path and query.
        headers: names in lower case.
        body: the content.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def authorization(self) -> str | None:
        """The ``Authorization`` header, or None without one."""
        return self.headers.get("authorization")


Answer = Callable[[BaseHTTPRequestHandler], None]
"""Writes the answer to one request; its head and body have been read."""


def json_body(handler: BaseHTTPRequestHandler, body: bytes = b"{}", status: int = 200) -> None:
    """Answer with JSON.

    Args:
        handler: of the request.
        body: the content.
        status: HTTP status.
    """
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def echo(handler: BaseHTTPRequestHandler) -> None:
    """Answer with what was asked for, and with which token.

    Args:
        handler: of the request.
    """
    said = {"path": handler.path, "token": handler.headers["Authorization"]}
    json_body(handler, json.dumps(said).encode())


def redirect_to(location: str) -> Answer:
    """Return what answers with a redirect.

    Args:
        location: where to.
    """

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


class HttpServer:
    """A server on 127.0.0.1, to be used as a context manager.

    Args:
        answer: to every request without one of its own.
        tls: the server's TLS context; None for plain HTTP.
        keep_alive: whether connections take further requests.

    Attributes:
        answers: by path, what answers instead.
        seen: every request so far.
        stopping: set when the server ends, for answers that wait.
    """

    def __init__(
        self,
        answer: Answer = json_body,
        *,
        tls: ssl.SSLContext | None = None,
        keep_alive: bool = False,
    ) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[Seen] = []
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65_537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                outer.seen.append(Seen(self.command, self.path, headers, body))
                outer.answers.get(self.path.partition("?")[0], answer)(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients may go
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
