"""The listener of one pending sign-in: for relayed redirects, and for the browser's own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import urlsplit

from myid_notebook.callback import pages
from myid_notebook.callback.http_server import (
    MAX_HEAD,
    BadRequestError,
    Connections,
    Request,
    read_request,
    response,
)
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.relay import KEY_HEADER, PATH
from myid_notebook.machine.peer import is_another_users
from myid_notebook.secret import Secret

START_PATH = "/start"
"""Where a browser that this kernel opens is sent on to the link, by a key of its own."""

_JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}

Answer = Callable[[str], Awaitable[Verdict]]
"""Takes the query of a redirect, returns what became of it."""

_Handle = Callable[[Request, asyncio.StreamWriter], Awaitable[bytes]]


class Listener:
    """Serves HTTP on loopback sockets within the running event loop.

    Args:
        relay_key: what a relay must show.
        answer: decides over relayed redirects.
        redirect_uri: the registered redirect URI, whose path the own address answers.
        dispatch: decides over redirects that arrive at the own address.
        start_key: what a browser that this kernel opens must show, once.
        link: where that browser goes on to.
    """

    def __init__(
        self,
        *,
        relay_key: Secret,
        answer: Answer,
        redirect_uri: str,
        dispatch: Answer,
        start_key: Secret,
        link: Secret,
    ) -> None:
        self._relay_key = relay_key
        self._answer = answer
        self._dispatch = dispatch
        self._start_path = Secret(f"{START_PATH}/{start_key}")
        self._link = link
        parts = urlsplit(redirect_uri)
        self._path = parts.path or "/"
        self._authority = _authority(parts.netloc)
        self._connections = Connections()
        self._servers: list[asyncio.Server] = []

    async def serve_relays(self, sock: socket.socket) -> None:
        """Take relayed redirects, and the browser that this kernel opens, from now on.

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
        await self._connections.close(grace)

    def forget(self) -> None:
        """Keep the link no longer; for a listener that is closed, or never served."""
        self._link = Secret()

    async def _serve(self, sock: socket.socket, handle: _Handle) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - asyncio runs this in a task of its own
            self._connections.add(task)

            async def heard(request: Request) -> bytes:
                self._connections.heard(task)
                return await handle(request, writer)

            try:
                await _converse(reader, writer, heard)
            except asyncio.CancelledError:
                # Nobody waits for this task any more. Python 3.11 would print a traceback for a
                # connection that ends as cancelled.
                writer.close()
            finally:
                self._connections.remove(task)

        self._servers.append(await asyncio.start_server(connected, sock=sock, limit=MAX_HEAD))

    async def _on_relay(self, request: Request, writer: asyncio.StreamWriter) -> bytes:
        if _same(request.path, self._start_path) and not _is_another_users(writer):
            self._start_path = Secret()
            return response(HTTPStatus.FOUND, {**pages.HEADERS, "Location": self._link}, b"")
        key = request.headers.get(KEY_HEADER, "")
        if request.path != PATH or not _same(key, self._relay_key):
            return _html(Verdict(outcome=Outcome.NOT_FOUND))
        verdict = await self._answer(request.query)
        return response(HTTPStatus.OK, _JSON, verdict.to_json())

    async def _on_redirect(self, request: Request, writer: asyncio.StreamWriter) -> bytes:
        # Another name in Host is another site that had its name resolved to this machine.
        same_host = _authority(request.headers.get("host", "")) == self._authority
        if request.path != self._path or not same_host or not request.query:
            return _html(Verdict(outcome=Outcome.NOT_FOUND))
        if _is_another_users(writer):
            return _html(Verdict(outcome=Outcome.OTHER_OS_USER))
        return _html(await self._dispatch(request.query))


def _same(given: str, expected: str) -> bool:
    return compare_digest(given.encode(), expected.encode())


def _is_another_users(writer: asyncio.StreamWriter) -> bool:
    return is_another_users(writer.get_extra_info("peername"), writer.get_extra_info("sockname"))


def _authority(host: str) -> str:
    # Browsers leave the default port out, however the URI is registered.
    return host.lower().removesuffix(":80")


def _html(verdict: Verdict) -> bytes:
    return response(verdict.outcome.status, pages.HEADERS, pages.render_verdict(verdict))


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    handle: Callable[[Request], Awaitable[bytes]],
) -> None:
    with contextlib.suppress(OSError):
        try:
            writer.write(await _reply(reader, handle))
            # A process that was forked meanwhile holds this connection too; closing it here would
            # not end it.
            writer.write_eof()
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
    if request is None:
        return b""
    if request.method != "GET":
        return response(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET"}, b"")
    return await handle(request)
