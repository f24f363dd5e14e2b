"""Proxies: between sockets, on a network that fails as networks do; and as companies have it."""

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from support.servers.server_thread import ConnectionServer


class SocketProxy(ConnectionServer):
    """Passes HTTP exchanges on to a server, the answers through a fault; a context manager.

    Attributes:
        fault: name of a method of this class that begins with ``fault_``, without that;
            ``refused`` closes the port; empty for none.
        exchanges: how many requests have been passed on.
        url: its own.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__()
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self._fault = ""
        self.exchanges = 0
        self._released = threading.Event()
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def fault(self) -> str:
        """What goes wrong from now on."""
        return self._fault

    @fault.setter
    def fault(self, name: str) -> None:
        was, self._fault = self._fault, name
        if name == "refused":
            self.refuse()
        elif was == "refused":
            self.accept_again()

    def let_go(self) -> None:
        """Let the answers come that are being delayed."""
        self._released.set()

    def serve(self, connection: socket.socket) -> None:
        """Pass one exchange on."""
        connection.settimeout(20)
        fault = self.fault
        request = _message(connection)
        if not request:
            return
        with socket.create_connection(self._upstream, timeout=20) as server:
            server.sendall(request)
            answer = _message(server)
        self.exchanges += 1
        act: Callable[[socket.socket, bytes], None]
        act = getattr(self, f"fault_{fault}", self._pass)
        act(connection, answer)

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
        self.stopping.wait()

    def fault_hang(self, _client: socket.socket, _answer: bytes) -> None:
        """Say nothing at all."""
        self.stopping.wait()

    def fault_delay(self, client: socket.socket, answer: bytes) -> None:
        """Send the answer late, but send it."""
        self._released.wait(60)
        client.sendall(answer)

    def fault_drip(self, client: socket.socket, answer: bytes) -> None:
        """Send a byte now and then."""
        for byte in answer:
            client.sendall(bytes([byte]))
            if self.stopping.wait(0.2):
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

    def stop(self) -> None:
        """Let every exchange end, then the server."""
        self.stopping.set()
        self.let_go()
        super().stop()


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


class ConnectProxy(ConnectionServer):
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
        super().__init__()
        self._upstream = upstream
        self._wants_credentials = bool(credentials)
        self._tls = tls
        self._drips = drips
        self.asked: list[bytes] = []
        self.seen = bytearray()
        scheme = "http" if tls is None else "https"
        at = f"{credentials}@" if credentials else ""
        self.url = f"{scheme}://{at}127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []

    @property
    def targets(self) -> list[str]:
        """Host and port of every ``CONNECT``."""
        return [head.split(b" ")[1].decode() for head in self.asked]

    @property
    def heads(self) -> list[dict[str, str]]:
        """The headers of every ``CONNECT``, names in lower case."""
        return [_headers(head) for head in self.asked]

    def serve(self, connection: socket.socket) -> None:
        """Pass one connection on, once its ``CONNECT`` is answered."""
        self._open.append(connection)
        with contextlib.ExitStack() as stack:
            client = connection
            if self._tls is not None:
                client = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
                self._open.append(client)
            head = client.recv(65_536)
            if not head:  # a process that looks for a free port
                return
            self.asked.append(head)
            if self._drips:
                client.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not self.stopping.wait(0.05):
                    client.sendall(b"a")
                return
            if self._wants_credentials and "proxy-authorization" not in self.heads[-1]:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            server = stack.enter_context(socket.create_connection(("127.0.0.1", self._upstream)))
            self._open.append(server)
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server, self.seen)
            back.join()

    def stop(self) -> None:
        """Break off every connection, then end the server."""
        self.stopping.set()
        self.refuse()
        for sock in self._open:
            _shut(sock)
        super().stop()


class SocksProxy(ConnectionServer):
    """A SOCKS proxy on 127.0.0.1 that leads every name to one server; a context manager.

    Args:
        upstream: port of that server on 127.0.0.1.
        credentials: user name and password that SOCKS 5 wants, as in a URL; empty for nobody's.

    Attributes:
        targets: names and addresses that clients asked for.
        seen: everything that clients sent through it.
    """

    def __init__(self, upstream: int, credentials: str = "") -> None:
        super().__init__()
        self._upstream = upstream
        self._credentials = credentials
        self.targets: list[str] = []
        self.seen = bytearray()

    def serve(self, connection: socket.socket) -> None:
        """Pass one connection on, once its greeting is answered."""
        version = _read(connection, 1)[0]
        target = self._socks5(connection) if version == 5 else self._socks4(connection)
        if target is None:
            return
        self.targets.append(target)
        with socket.create_connection(("127.0.0.1", self._upstream)) as server:
            connection.sendall(bytes([5, 0, 0, 1, *[0] * 6] if version == 5 else [0, 90, *[0] * 6]))
            back = threading.Thread(target=pump, args=(server, connection))
            back.start()
            pump(connection, server, self.seen)
            back.join()

    def _socks5(self, client: socket.socket) -> str | None:
        methods = _read(client, _read(client, 1)[0])
        wanted = 2 if self._credentials else 0
        client.sendall(bytes([5, wanted if wanted in methods else 255]))
        if wanted not in methods:
            return None
        if wanted:
            _read(client, 1)
            user, password = (_read(client, _read(client, 1)[0]).decode() for _ in range(2))
            right = f"{user}:{password}" == self._credentials
            client.sendall(bytes([1, 0 if right else 1]))
            if not right:
                return None
        kind = _read(client, 4)[3]
        name = _read(client, 4 if kind == 1 else _read(client, 1)[0])
        _read(client, 2)
        return socket.inet_ntoa(name) if kind == 1 else name.decode()

    def _socks4(self, client: socket.socket) -> str:
        address = _read(client, 7)[3:]
        _read_text(client)
        return _read_text(client) if address[:3] == bytes(3) else socket.inet_ntoa(address)


def _read(client: socket.socket, count: int) -> bytes:
    return client.recv(count, socket.MSG_WAITALL)


def _read_text(client: socket.socket) -> str:
    return b"".join(iter(lambda: _read(client, 1), b"\0")).decode()


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = [line.split(": ", 1) for line in lines if ": " in line]
    return {name.lower(): value for name, value in pairs}


def pump(source: socket.socket, target: socket.socket, seen: bytearray | None = None) -> None:
    """Pass on everything from one socket to another, until either ends; then end both."""
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
