"""A server in a thread: what every stand-in on the network has in common."""

import contextlib
import socket
import socketserver
import threading
from types import TracebackType
from typing import Self


class ServerThread:
    """Runs a server in a thread, as a context manager.

    Attributes:
        port: TCP port.
        stopping: set when the server ends, for answers that wait.
    """

    def __init__(self, server: socketserver.TCPServer) -> None:
        self.port = int(server.server_address[1])
        self.stopping = threading.Event()
        self._listen_with(server)

    def _listen_with(self, server: socketserver.TCPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.01,))

    def start(self) -> None:
        """Accept connections from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on; harmless where that is so already."""
        self.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class ConnectionServer(ServerThread):
    """Gives every connection to ``serve``, in a thread of its own, and closes it afterwards.

    Args:
        port: TCP port; 0 for any.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(_Connections(self, host, port))
        self._refused: list[socketserver.TCPServer] = []

    def refuse(self) -> None:
        """Close the port; connections that are open stay so."""
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()

    def accept_again(self) -> None:
        """Open the port again, after ``refuse``."""
        self._refused.append(self._server)
        self._listen_with(_Connections(self, *self._server.server_address[:2]))
        self.start()

    def stop(self) -> None:
        """Refuse connections from now on, and wait for those that are open."""
        super().stop()
        for server in self._refused:
            server.server_close()

    def serve(self, connection: socket.socket) -> None:
        """Serve one connection; an ``OSError`` ends it."""
        raise NotImplementedError


class _Connections(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, owner: ConnectionServer, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._owner = owner
        super().__init__((host, port), socketserver.BaseRequestHandler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()

    def finish_request(self, request: socket.socket, client_address: object) -> None:  # noqa: ARG002 - the library's signature
        with contextlib.suppress(OSError):
            self._owner.serve(request)

    def shutdown_request(self, request: socket.socket) -> None:
        request.close()  # no farewell before it: a connection may be meant to be reset
