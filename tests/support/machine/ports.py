"""TCP ports of this machine."""

import errno
import random
import socket
from collections import deque
from urllib.parse import urlsplit

# Below the ports that systems give to whoever asks for any: nobody gets one of these by accident.
_RANGE = range(15_000, 32_000)

_reserved: deque[socket.socket] = deque()

_KEPT = 500
"""How many reservations this process keeps."""

_random = random.SystemRandom()


def free_port() -> int:
    """Return a TCP port that nothing uses or has just used, on IPv4 and IPv6 alike.

    No other process of these tests gets the same one while this process runs: a UDP socket at the
    same number reserves it, and is in nobody's way.
    """
    while True:
        port = _random.choice(_RANGE)
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind(("127.0.0.1", port))
        except OSError:
            reservation.close()
            continue
        _reserved.append(reservation)
        if len(_reserved) > _KEPT:
            _reserved.popleft().close()
        if not any(map(_is_used, ("127.0.0.1", "::1"), (port, port))):
            return port


def _is_used(host: str, port: int) -> bool:
    # Without SO_REUSEADDR: where a program that did not set it had a connection within the last
    # minute, nobody else can listen, though nothing does.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def listens(uri: str) -> bool:
    """Return whether anything listens at the address and port of a URI.

    Args:
        uri: of this machine.
    """
    parts = urlsplit(uri)
    try:
        socket.create_connection((parts.hostname, parts.port or 80), timeout=5).close()
    except OSError:
        return False
    return True
