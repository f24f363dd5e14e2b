"""A proxy as companies have it: it passes TLS on unread (RFC 9110 9.3.6), or never quite does."""

import contextlib
import socket
import ssl
import threading
from types import TracebackType
from typing import Self


class ConnectProxy:
    """A proxy on 127.0.0.1 that leads every name to one server; a context manager.

    Args:
        upstream: port of that server on 127.0.0.1.
        credentials: user name and password that it wants, as in a URL; empty for nobody's.
        tls: TLS context of the proxy itself; None for plain HTTP.
        drips: never comes to the end of its answer to ``CONNECT``.

    Attributes:
        asked: the heads of all requests so far.
        seen: everything that clients sent through it.
        url: its own, with the credentials.
    """

    def __init__(
        self,
        upstream: int,
        credentials: str = "",
        *,
        tls: ssl.SSLContext | None = None,
        drips: bool = False,
    ) -> None:
        self._upstream = upstream
        self._wants_credentials = bool(credentials)
        self._tls = tls
        self._drips = drips
        self.asked: list[bytes] = []
        self.seen = bytearray()
        self._stopping = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        scheme = "http" if tls is None else "https"
        at = f"{credentials}@" if credentials else ""
        self.url = f"{scheme}://{at}127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def targets(self) -> list[str]:
        """Host and port of every ``CONNECT``."""
        return [head.split(b" ")[1].decode() for head in self.asked]

    @property
    def heads(self) -> list[dict[str, str]]:
        """The headers of every ``CONNECT``, names in lower case."""
        return [_headers(head) for head in self.asked]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._open.append(client)
            self._threads.append(threading.Thread(target=self._serve, args=(client,)))
            self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(plain.close)
            client = plain
            if self._tls is not None:
                client = stack.enter_context(self._tls.wrap_socket(plain, server_side=True))
                self._open.append(client)
            self.asked.append(client.recv(65_536))
            if self._drips:
                client.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not self._stopping.wait(0.05):
                    client.sendall(b"a")
                return
            if self._wants_credentials and "proxy-authorization" not in self.heads[-1]:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            server = stack.enter_context(socket.create_connection(("127.0.0.1", self._upstream)))
            self._open.append(server)
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self._threads.append(threading.Thread(target=_pump, args=(server, client)))
            self._threads[-1].start()
            _pump(client, server, self.seen)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for sock in self._open:
            _shut(sock)
        for thread in self._threads:
            thread.join()
        for sock in self._open:
            sock.close()


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = [line.split(": ", 1) for line in lines if ": " in line]
    return {name.lower(): value for name, value in pairs}


def _pump(source: socket.socket, target: socket.socket, seen: bytearray | None = None) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            if seen is not None:
                seen += piece
            target.sendall(piece)
    _shut(source)
    _shut(target)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
