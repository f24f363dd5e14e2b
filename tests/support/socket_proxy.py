"""A proxy between sockets, on a network that fails as networks do."""

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class SocketProxy:
    """Passes HTTP exchanges on to a server, the answers through a fault; a context manager.

    Args:
        upstream: the server's URL.

    Attributes:
        fault: name of a method of this class that begins with ``fault_``, without that;
            ``refused`` closes the port; empty for none.
        exchanges: how many requests have been passed on.
        url: its own.
    """

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self._fault = ""
        self.exchanges = 0
        self._stopping = threading.Event()
        self._released = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._port = self._server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._threads: list[threading.Thread] = []

    @property
    def fault(self) -> str:
        """What goes wrong from now on."""
        return self._fault

    @fault.setter
    def fault(self, name: str) -> None:
        was, self._fault = self._fault, name
        if name == "refused":
            self._close()
        elif was == "refused":
            self._server = socket.create_server(("127.0.0.1", self._port))
            self._listen()

    def let_go(self) -> None:
        """Let the answers come that are being delayed."""
        self._released.set()

    def _listen(self) -> None:
        self._threads.append(threading.Thread(target=self._accept, args=(self._server,)))
        self._threads[-1].start()

    def _close(self) -> None:
        with contextlib.suppress(OSError):  # closed already
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(client,)))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(20)
            fault = self.fault
            request = _message(client)
            if not request:
                return
            with socket.create_connection(self._upstream, timeout=20) as server:
                server.sendall(request)
                answer = _message(server)
            self.exchanges += 1
            act: Callable[[socket.socket, bytes], None]
            act = getattr(self, f"fault_{fault}", self._pass)
            act(client, answer)

    @staticmethod
    def _pass(client: socket.socket, answer: bytes) -> None:
        client.sendall(answer)

    @staticmethod
    def fault_drop(_client: socket.socket, _answer: bytes) -> None:
        """Close without a byte."""

    @staticmethod
    def fault_reset(client: socket.socket, _answer: bytes) -> None:
        """Reset the connection."""
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def fault_reset_midway(self, client: socket.socket, answer: bytes) -> None:
        """Reset the connection in the middle of the answer."""
        client.sendall(_half(answer))
        self.fault_reset(client, answer)

    @staticmethod
    def fault_half(client: socket.socket, answer: bytes) -> None:
        """Close in the middle of the answer."""
        client.sendall(_half(answer))

    def fault_silence(self, client: socket.socket, answer: bytes) -> None:
        """Say nothing more after half of the answer."""
        client.sendall(_half(answer))
        self._stopping.wait()

    def fault_hang(self, _client: socket.socket, _answer: bytes) -> None:
        """Say nothing at all."""
        self._stopping.wait()

    def fault_delay(self, client: socket.socket, answer: bytes) -> None:
        """Send the answer late, but send it."""
        self._released.wait(60)
        client.sendall(answer)

    def fault_drip(self, client: socket.socket, answer: bytes) -> None:
        """Send a byte now and then."""
        for byte in answer:
            client.sendall(bytes([byte]))
            if self._stopping.wait(0.2):
                return

    @staticmethod
    def fault_too_long(client: socket.socket, answer: bytes) -> None:
        """Promise more than comes."""
        client.sendall(_with_length(answer, 100))

    @staticmethod
    def fault_too_short(client: socket.socket, answer: bytes) -> None:
        """Promise less than comes."""
        client.sendall(_with_length(answer, -20))

    @staticmethod
    def fault_garbage(client: socket.socket, _answer: bytes) -> None:
        """Answer in another protocol."""
        client.sendall(b"220 mail.example.com ESMTP\r\n")

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self.let_go()
        self._close()
        for thread in self._threads:
            thread.join()


def _half(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + body[: len(body) // 2]


def _with_length(answer: bytes, more: int) -> bytes:
    def changed(found: re.Match[bytes]) -> bytes:
        return b"%s%d" % (found[1], int(found[2]) + more)

    return re.sub(rb"(?i)(content-length: *)(\d+)", changed, answer, count=1)


def _message(sock: socket.socket) -> bytes:
    """Return one whole HTTP message; what there is where it breaks off."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65_536)
        if not piece:
            return data
        data += piece
    head = data.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    whole = len(head) + 4 + (int(length[1]) if length else 0)
    while len(data) < whole and (piece := sock.recv(65_536)):
        data += piece
    return data
