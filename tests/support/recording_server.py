"""A server between client and sandbox that passes requests on and remembers what was sent."""

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

import requests


@dataclass(frozen=True)
class Recorded:
    """One request and its answer.

    Args:
        path: with its query.
        headers: of the request, as a mapping that ignores case.
        body: of the request.
        answer: the body of the answer.
    """

    path: str
    headers: Mapping[str, str]
    body: str
    answer: str

    @property
    def form(self) -> dict[str, str]:
        """The body as form fields."""
        return dict(parse_qsl(self.body))


class RecordingServer:
    """Passes every request on to the same path elsewhere, as a context manager.

    Args:
        upstream: where to; empty where nothing is passed on.
        redirects: path to the address that is responded with a redirect instead.

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
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

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

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread.is_alive():
            self.stop()
