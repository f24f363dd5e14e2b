"""An HTTP proxy that opens tunnels, over TLS where it is told to, or never quite does."""

import contextlib
import socket
import ssl
import threading
from types import TracebackType
from typing import Self


class ConnectProxy:
    """A proxy on 127.0.0.1 whose every tunnel leads to one server; a context manager.

    Args:
        upstream: port of that server on 127.0.0.1.
        tls: TLS context of the proxy itself; None for plain HTTP.
        drips: never comes to the end of its answer to ``CONNECT``.

    Attributes:
        asked: the heads of all requests so far.
        url: its own.
    """

    def __init__(
        self, upstream: int, *, tls: ssl.SSLContext | None = None, drips: bool = False
    ) -> None:
        self._upstream = upstream
        self._tls = tls
        self._drips = drips
        self.asked: list[bytes] = []
        self._stopping = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

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
            server = stack.enter_context(socket.create_connection(("127.0.0.1", self._upstream)))
            self._open.append(server)
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self._threads.append(threading.Thread(target=_pump, args=(server, client)))
            self._threads[-1].start()
            _pump(client, server)

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


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    _shut(source)
    _shut(target)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
