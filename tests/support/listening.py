"""Whether anything listens at an address."""

import socket
from urllib.parse import urlsplit


def listens(uri: str) -> bool:
    """Return whether anything listens at the port of a URI.

    Args:
        uri: of this machine.
    """
    try:
        socket.create_connection(("127.0.0.1", urlsplit(uri).port or 80), timeout=5).close()
    except OSError:
        return False
    return True
