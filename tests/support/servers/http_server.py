"""Small real HTTP servers: one answers as a test tells it, one passes on, one says a few bytes."""

import contextlib
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import requests
from support.servers.server_thread import ConnectionServer, ServerThread


class Seen(NamedTuple):
    """A request as it arrived.

    Args:
        headers: names in lower case.
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
    """Answer with JSON."""
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def echo(handler: BaseHTTPRequestHandler) -> None:
    """Answer with what was asked for, and with which token."""
    said = {"path": handler.path, "token": handler.headers["Authorization"]}
    json_body(handler, json.dumps(said).encode())


def redirect_to(location: str) -> Answer:
    """Return what answers with a redirect."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


class HttpServer(ServerThread):
    """A server on 127.0.0.1, to be used as a context manager.

    Args:
        answer: to every request without one of its own.
        tls: the server's TLS context; None for plain HTTP.

    Attributes:
        answers: by path, what answers instead.
        seen: every request so far.
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

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients may go
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        super().__init__(server)
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Recorded:
    """One request and its answer.

    Args:
        headers: of the request, as a mapping that ignores case.
    """

    path: str
    headers: Mapping[str, str]
    body: str
    answer: str

    @property
    def form(self) -> dict[str, str]:
        """The body as form fields."""
        return dict(parse_qsl(self.body))


class RecordingServer(ServerThread):
    """Passes every request on to the same path elsewhere, as a context manager.

    Args:
        upstream: where to; empty where nothing is passed on.
        redirects: path to the address that is answered with a redirect instead.

    Attributes:
        recorded: every request that has been answered so far.
        forms: the body, as form fields, of every request that has come in so far.
        url: its own.
    """

    def __init__(self, upstream: str = "", redirects: Mapping[str, str] | None = None) -> None:
        self.recorded: list[Recorded] = []
        self.forms: list[dict[str, str]] = []
        self._upstream = upstream
        self._redirects = redirects or {}
        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), self._handler()))
        self.url = f"http://127.0.0.1:{self.port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            """Records and passes on."""

            def do_GET(self) -> None:
                """Answer a request."""
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                text = body.decode(errors="replace")
                recorder.forms.append(dict(parse_qsl(text)))
                status, headers, answer = recorder._answer(self, body)
                recorder.recorded.append(
                    Recorded(self.path, self.headers, text, answer.decode(errors="replace"))
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                with contextlib.suppress(ConnectionError):  # who asked may be gone
                    self.end_headers()
                    self.wfile.write(answer)

            do_POST = do_GET  # noqa: N815 - the library's own names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the same
                """Say nothing."""

        return Handler

    def _answer(
        self, request: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        path = request.path.partition("?")[0]
        if path in self._redirects:
            return 302, {"Location": self._redirects[path]}, b""
        if not self._upstream:
            return 200, {}, b"{}"
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        with requests.Session() as http:
            http.trust_env = False
            url = self._upstream + request.path
            answer = http.request(
                request.command, url, data=body, headers=headers, timeout=60, allow_redirects=False
            )
        kind = answer.headers.get("Content-Type", "application/json")
        return answer.status_code, {"Content-Type": kind}, answer.content


class FixedAnswerServer(ConnectionServer):
    """A server of a few bytes, to be used as a context manager.

    Args:
        answer: what everybody gets; the connection is closed behind it.
        port: TCP port; 0 for any.

    Attributes:
        port: TCP port.
        asked: the first bytes of each request.
    """

    def __init__(self, answer: bytes = b"", *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self._answer = answer
        self.asked: list[bytes] = []

    def serve(self, connection: socket.socket) -> None:
        """Read once, answer, and that is all."""
        self.asked.append(connection.recv(65_536))
        connection.sendall(self._answer)


def json_answer(body: bytes, status: str = "200 OK") -> bytes:
    """Return a response that carries JSON.

    Args:
        status: code and phrase.
    """
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
