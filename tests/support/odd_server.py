"""A TCP server that answers every connection with the same bytes, whatever it is asked."""

import socket
import threading
from types import TracebackType
from typing import Self


class OddServer:
    """A server of a few bytes, to be used as a context manager.

    Args:
        answer: what everybody gets; the connection is closed behind it.
        host: the address it listens on.
        port: TCP port; 0 for any.

    Attributes:
        port: TCP port.
        asked: the first bytes of each request.
    """

    def __init__(self, answer: bytes = b"", *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._answer = answer
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._server = socket.create_server((host, port), family=family)
        self.port = int(self._server.getsockname()[1])
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                try:
                    self.asked.append(connection.recv(65_536))
                    connection.sendall(self._answer)
                except OSError:
                    continue

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


def json_answer(body: bytes, status: str = "200 OK") -> bytes:
    """Return a response that carries JSON.

    Args:
        body: the content.
        status: code and phrase.
    """
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
