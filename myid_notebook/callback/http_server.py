"""A minimal HTTP/1.1 server for loopback (RFC 9112): GET without a body, one per connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from myid_notebook.secret import Secret

T = TypeVar("T")

MAX_HEAD = 32_768
"""Bytes of request line and headers together."""

HEAD_TIMEOUT = 5.0
"""Seconds a client may take to send the request head."""

MAX_CONNECTIONS = 128
"""Connections at once. Many times ``_ACCEPTED_AT_ONCE``, because the event loop takes some steps
from accepting a connection to reading its request; it must not be the oldest idle one by then."""

_ACCEPTED_AT_ONCE = 16
"""Connections accepted in one step of the event loop; asyncio calls this number ``backlog``."""

_BACKLOG = 1024
"""Connections that wait to be accepted, as far as the system allows. A refused one is retried by
the browser's system only after seconds."""


class BadRequestError(ValueError):
    """The client sent something else than an HTTP request this server answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The head of a request; path and query as sent, header names in lower case."""

    method: str
    path: str
    query: Secret = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[bytes]]
"""Takes a GET request and the connection it came from, returns the whole response."""


class HTTPServer:
    """Serve GET requests in the running event loop.

    Written by hand: the servers of other libraries log the request line, which holds the code and
    the state. On asyncio, not with one thread per connection: a slow or hostile client costs one
    buffer and neither ends nor delays a sign-in. A connection above the limit drops the oldest idle
    one: otherwise another program could block the browser by opening many and sending nothing.
    """

    def __init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.Task[Any]] = set()  # the tasks that serve the connections
        self._idle: dict[asyncio.Task[Any], None] = {}  # whose request has not come; oldest first

    async def serve(self, sock: socket.socket, handler: Handler) -> None:
        """Answer GET requests at a listening, non-blocking socket from now on."""

        async def serve_connection(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            task = _current_task()
            self._drop_oldest_idle()
            self._open.add(task)
            self._idle[task] = None
            try:
                await self._serve_request(reader, writer, handler)
            except asyncio.CancelledError:
                # Not raised again: nobody awaits this task, and Python 3.11 would print a traceback
                # for a connection that ends as cancelled.
                pass
            finally:
                self._open.discard(task)
                self._idle.pop(task, None)

        server = await asyncio.start_server(
            serve_connection, sock=sock, limit=MAX_HEAD, backlog=_ACCEPTED_AT_ONCE
        )
        sock.listen(_BACKLOG)  # again, because asyncio has called it with the number above
        self._servers.append(server)

    async def run_as_connection(self, call: Callable[[], Awaitable[T]]) -> T:
        """Run something that ``close`` waits for as it waits for responses under way."""
        task = _current_task()
        self._open.add(task)
        try:
            return await call()
        finally:
            self._open.discard(task)

    async def close(self, grace: float) -> None:
        """Stop listening, give responses under way ``grace`` seconds, drop every connection."""
        # Connections that were just accepted get to their tasks first: asyncio leaves open what it
        # accepted before the server was closed and did not serve yet.
        loop = asyncio.get_running_loop()
        for listener in [sock for server in self._servers for sock in server.sockets]:
            loop.remove_reader(listener)
        for _ in range(_STEPS_TO_TASK):
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=grace)
            for connection in late:
                connection.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _drop_oldest_idle(self) -> None:
        if len(self._open) >= MAX_CONNECTIONS and self._idle:
            oldest = next(iter(self._idle))
            del self._idle[oldest]
            oldest.cancel()

    async def _serve_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler
    ) -> None:
        with contextlib.suppress(OSError):
            try:
                writer.write(await self._respond(reader, writer, handler))
                # A process forked meanwhile holds this connection too: closing it here alone would
                # not end it for the browser.
                writer.write_eof()
                await writer.drain()
            finally:
                writer.close()
                await writer.wait_closed()

    async def _respond(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler
    ) -> bytes:
        try:
            request = await read_request(reader)
        except BadRequestError:
            return response(HTTPStatus.BAD_REQUEST, {}, b"")
        if request is None:
            return b""
        if request.method != "GET":
            return response(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET"}, b"")
        self._idle.pop(_current_task(), None)  # no longer dropped for another connection
        return await handler(request, writer)


_STEPS_TO_TASK = 4
"""Steps of the event loop from accepting a connection to the first step of its task."""


def _current_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio serves each connection in a task of its own
    return task


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the head of the request, or None if the client sent nothing at all.

    Browsers open connections in advance; an error sent on such a connection would be taken for the
    response to the request that follows.

    Raises:
        BadRequestError: not HTTP, too long, too slow, or broken off.
    """
    head = b""
    try:
        async with asyncio.timeout(HEAD_TIMEOUT):
            head = await reader.read(1)
            head += await reader.readuntil(b"\r\n\r\n")
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        if not head:
            return None
        raise BadRequestError("no complete request head came") from None
    return _parse_head(head)


def _parse_head(head: bytes) -> Request:
    try:
        # Not ASCII: the browser also sends the cookies that other programs on this machine set,
        # and those may hold any bytes.
        request_line, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, version = request_line.split(" ")
        pairs = [line.split(":", 1) for line in lines]
        headers = {name.lower(): value.strip() for name, value in pairs}
    except ValueError:
        raise BadRequestError("the request head is malformed") from None
    is_plain = target.startswith("/") and target.isascii()
    has_repeated_header = len(headers) != len(pairs)
    if not version.startswith("HTTP/1.") or not is_plain or has_repeated_header:
        raise BadRequestError("the request head is malformed")
    # Not urlsplit: it caches its arguments, code and state included.
    path, _, query = target.partition("#")[0].partition("?")
    return Request(method=method, path=path, query=Secret(query), headers=headers)


def response(status: HTTPStatus, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a whole response, to be sent in one write; Content-Length and Connection are added."""
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii") + body
