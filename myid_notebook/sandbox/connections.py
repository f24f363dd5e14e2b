"""The open connections, so that a fault can cut one without an answer."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connections:
    """Every open connection by the address of its client."""

    def __init__(self) -> None:
        self._transports: dict[object, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """Return an HTTP protocol for uvicorn that registers its connections here."""
        transports = self._transports

        class RegisteredProtocol(H11Protocol):
            """HTTP/1.1 that says which connections are open."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn narrows it too
                super().connection_made(transport)
                self._peer = transport.get_extra_info("peername")[:2]
                transports[self._peer] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self._peer, None)
                super().connection_lost(exc)

        return RegisteredProtocol

    def cut(self, scope: MutableMapping[str, Any]) -> None:
        """Close the connection of an ASGI ``scope`` at once, sending nothing more."""
        transport = self._transports.get(tuple(scope["client"]))
        if transport:
            transport.abort()


class DroppedResponse(Response):
    """An answer that is none: the connection is cut instead."""

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        """Cut the connection of ``scope`` and wait until the server has noticed."""
        self._connections.cut(scope)
        while (await receive())["type"] != "http.disconnect":
            pass
