"""The socket that the sandbox listens on."""

import socket


class ListeningError(Exception):
    """The address cannot be listened on; the message is one line for a person to read."""


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Args:
        host: a name or an IPv4 or IPv6 address of this machine.
        port: the TCP port; 0 takes any free one.

    Raises:
        ListeningError: the port is taken or the address is not one of this machine's.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # IPv4 first: "localhost" means 127.0.0.1 to the registered redirect URIs and to users.
        family, *_, address = min(addresses, key=lambda each: each[0] != socket.AF_INET)
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ListeningError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; choose another "
            "with --port"
        ) from error
