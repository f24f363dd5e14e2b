"""HTTP byte by byte, for requests that no library would send."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


def head(target: str, *, method: str = "GET", **headers: str) -> bytes:
    """Return the head of a request.

    Args:
        headers: names with ``_`` for ``-``.
    """
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def connection(port: int, host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """Open a connection, and close it again."""
    with socket.create_connection((host, port), timeout=20) as sock:
        yield sock


def exchange(port: int, data: bytes, host: str = "127.0.0.1", *, end: bool = False) -> bytes:
    """Send bytes and return everything that comes back until the other side closes.

    Args:
        end: whether to say that nothing more will come.
    """
    with connection(port, host) as sock:
        answer = b""
        try:
            sock.sendall(data)
            if end:
                sock.shutdown(socket.SHUT_WR)
            while piece := sock.recv(65_536):
                answer += piece
        except ConnectionError:
            pass  # the other side was done before it had read everything
        return answer


def status(answer: bytes) -> int:
    """Return the status of a response; 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
