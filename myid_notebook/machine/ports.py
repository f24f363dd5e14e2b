"""Bind listening sockets on loopback, and find which program holds a port."""

from __future__ import annotations

import contextlib
import errno
import os
import socket


def bind_exclusively(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets for a loopback host, all on one port.

    Args:
        host: an address of 127/8, ``::1``, or ``localhost`` for 127.0.0.1 and (if the machine has
            IPv6) ::1.
        port: TCP port; 0 for any free one, but not with ``localhost``.

    Raises:
        OSError: the port cannot be bound; see ``is_in_use``.
    """
    # Both addresses of localhost: browsers may try either first, and a program that held the other
    # one would receive the redirect.
    if host != "localhost":
        return [_bind(host, port)]
    first = _bind("127.0.0.1", port)
    try:
        return [first, _bind("::1", port)]
    except OSError as error:
        if not is_in_use(error):  # this machine has no IPv6
            return [first]
        first.close()
        raise


def is_in_use(error: OSError) -> bool:
    """Return whether ``bind_exclusively`` failed because another program holds the port."""
    # Windows says EACCES; on POSIX that means a port that only root may use.
    denied = os.name == "nt" and error.errno == errno.EACCES
    return error.errno == errno.EADDRINUSE or denied


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        _make_exclusive(sock)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(16)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _make_exclusive(sock: socket.socket) -> None:
    if os.name == "nt":
        # Otherwise another program could bind the same port and receive the redirects.
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", ~socket.SO_REUSEADDR)
        sock.setsockopt(socket.SOL_SOCKET, exclusive, 1)
    else:
        # On POSIX this only ignores earlier connections that are still in TIME_WAIT.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def holder_pid(port: int) -> int | None:
    """Return the process that listens on a TCP port, or None if the system does not tell."""
    with contextlib.suppress(ImportError):
        import psutil  # noqa: PLC0415 - comes with ipykernel; a plain Python may not have it

        with contextlib.suppress(psutil.Error, OSError):
            for connection in psutil.net_connections("tcp"):
                listens = connection.status == psutil.CONN_LISTEN
                if listens and connection.laddr.port == port and connection.pid:
                    return int(connection.pid)
    return None


def program(pid: int | None) -> str:
    """Return a description of the program that ``holder_pid`` has found."""
    if pid is not None:
        import psutil  # noqa: PLC0415 - installed: holder_pid has used it

        with contextlib.suppress(psutil.Error, OSError):
            return f"another program ({psutil.Process(pid).name()}, process {pid})"
    return "another program"
