"""The listening socket, and the open connections, which a fault switch can abort."""

import asyncio
import socket
from collections.abc import MutableMapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class ListeningError(Exception):
    """The sandbox cannot listen; the message is one line to show to the user."""


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket; port 0 picks any free port.

    Raises:
        ListeningError: the port is in use, or ``host`` is not an address of this machine.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # Prefer IPv4: users and registered redirect URIs expect localhost to be 127.0.0.1.
        family, *_, address = min(addresses, key=lambda each: each[0] != socket.AF_INET)
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ListeningError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; choose another "
            "with --port"
        ) from error


class Connections:
    """The open connections, by the address of the client."""

    def __init__(self) -> None:
        self._transports: dict[object, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """Return an HTTP protocol class for uvicorn that registers its connections here."""
        transports = self._transports

        class RegisteredProtocol(H11Protocol):
            """HTTP/1.1, with every open connection registered."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn narrows it too
                super().connection_made(transport)
                # asyncio does so only for sockets made with IPPROTO_TCP; without it, every response
                # on a connection that is kept waits 40 ms for the client's delayed ACK.
                connected = transport.get_extra_info("socket")
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._peer = transport.get_extra_info("peername")[:2]
                transports[self._peer] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self._peer, None)
                super().connection_lost(exc)

        return RegisteredProtocol

    def end(self, scope: MutableMapping[str, Any], beginning: bytes) -> None:
        """Close the connection of an ASGI request after ``beginning``; at once if it is empty."""
        transport = self._transports.get(tuple(scope["client"]))
        if transport and beginning:
            transport.write(beginning)
            transport.close()
        elif transport:
            transport.abort()


class DroppedResponse(Response):
    """Close the connection instead of sending a response, or after the beginning of one.

    Args:
        beginning: what is sent before, as it stands; empty for nothing.
    """

    def __init__(self, connections: Connections, beginning: bytes = b"") -> None:
        super().__init__()
        self._connections = connections
        self._beginning = beginning

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        """Close the connection and wait until uvicorn has noticed."""
        self._connections.end(scope, self._beginning)
        while (await receive())["type"] != "http.disconnect":
            pass
