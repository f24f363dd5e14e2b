"""The listener of one pending sign-in: for relayed redirects, and for the browser's own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import urlsplit

from myid_notebook.redirects import page
from myid_notebook.redirects.http_exchange import (
    MAX_HEAD,
    BadRequestError,
    Request,
    read_request,
    response,
)
from myid_notebook.redirects.relay import KEY_HEADER, PATH
from myid_notebook.redirects.verdict import Outcome, Verdict

MAX_CONNECTIONS = 64
"""Connections served at once; further ones wait in the system's queue of the socket."""

_JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}

Answer = Callable[[str], Awaitable[Verdict]]
"""Takes the query of a redirect, returns what became of it."""


class Listener:
    """Serves HTTP on loopback sockets within the running event loop.

    Args:
        relay_key: what a relay must show.
        answer: decides over relayed redirects.
        redirect_uri: the registered redirect URI, whose path the own address answers.
        dispatch: decides over redirects that arrive at the own address.
    """

    def __init__(
        self, *, relay_key: str, answer: Answer, redirect_uri: str, dispatch: Answer
    ) -> None:
        self._relay_key = relay_key
        self._answer = answer
        self._dispatch = dispatch
        parts = urlsplit(redirect_uri)
        self._path = parts.path or "/"
        self._authority = _authority(parts.netloc)
        self._connections: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._free = asyncio.Semaphore(MAX_CONNECTIONS)

    async def serve_relays(self, sock: socket.socket) -> None:
        """Take relayed redirects from now on.

        Args:
            sock: listening, non-blocking.
        """
        await self._serve(sock, self._on_relay)

    async def serve_redirects(self, sock: socket.socket) -> None:
        """Take redirects straight from the browser from now on.

        Args:
            sock: listening on the redirect URI's own address, non-blocking.
        """
        await self._serve(sock, self._on_redirect)

    async def close(self, grace: float) -> None:
        """Stop listening, let answers under way finish, and drop every connection.

        Args:
            grace: seconds the answers under way may take.
        """
        for server in self._servers:
            server.close()
        if self._connections:
            _, late = await asyncio.wait(self._connections, timeout=grace)
            for connection in late:
                connection.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _serve(
        self, sock: socket.socket, handle: Callable[[Request], Awaitable[bytes]]
    ) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - asyncio runs this in a task of its own
            self._connections.add(task)
            try:
                async with self._free:
                    await _converse(reader, writer, handle)
            except asyncio.CancelledError:
                # Only at the end, when nobody waits for this task any more. Python 3.11 would
                # print a traceback for a connection that ends as cancelled.
                writer.close()
            finally:
                self._connections.discard(task)

        self._servers.append(await asyncio.start_server(connected, sock=sock, limit=MAX_HEAD))

    async def _on_relay(self, request: Request) -> bytes:
        key = request.headers.get(KEY_HEADER, "")
        if request.path != PATH or not compare_digest(key.encode(), self._relay_key.encode()):
            return _html(Verdict(outcome=Outcome.NOT_FOUND))
        verdict = await self._answer(request.query)
        return response(HTTPStatus.OK, _JSON, verdict.to_json())

    async def _on_redirect(self, request: Request) -> bytes:
        # Another name in Host is another site that had its name resolved to this machine.
        same_host = _authority(request.headers.get("host", "")) == self._authority
        if request.path != self._path or not same_host or not request.query:
            return _html(Verdict(outcome=Outcome.NOT_FOUND))
        return _html(await self._dispatch(request.query))


def _authority(host: str) -> str:
    # Browsers leave the default port out, however the URI is registered.
    return host.lower().removesuffix(":80")


def _html(verdict: Verdict) -> bytes:
    return response(page.status(verdict), page.HEADERS, page.render(verdict))


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    handle: Callable[[Request], Awaitable[bytes]],
) -> None:
    with contextlib.suppress(OSError):
        try:
            writer.write(await _reply(reader, handle))
            await writer.drain()
        finally:
            writer.close()
            await writer.wait_closed()


async def _reply(
    reader: asyncio.StreamReader, handle: Callable[[Request], Awaitable[bytes]]
) -> bytes:
    try:
        request = await read_request(reader)
    except BadRequestError:
        return response(HTTPStatus.BAD_REQUEST, {}, b"")
    if request.method != "GET":
        return response(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET"}, b"")
    return await handle(request)
