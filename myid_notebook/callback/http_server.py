"""A minimal HTTP/1.1 server for loopback (RFC 9112): request heads only, few connections."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from myid_notebook.secret import Secret

MAX_HEAD = 32_768
"""Bytes of request line and headers together."""

HEAD_TIMEOUT = 5.0
"""Seconds a client may take to send them."""


class BadRequestError(ValueError):
    """What came is not an HTTP request this listener takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The head of a request; bodies are never read.

    Args:
        method: such as ``GET``.
        path: before the ``?``, as sent.
        query: behind the ``?``, as sent.
        headers: names in lower case.
    """

    method: str
    path: str
    query: Secret = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request's head, or None where the client said nothing at all.

    Browsers connect before they know what for; one that is told "bad request" before it has said
    anything takes that for the answer to what it says next.

    Args:
        reader: made with ``limit=MAX_HEAD``.

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
    return _parse(head)


def _parse(head: bytes) -> Request:
    try:
        # Not ASCII: cookies of other programs on this machine come along, and hold anything.
        request_line, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, version = request_line.split(" ")
        pairs = [line.split(":", 1) for line in lines]
        headers = {name.lower(): value.strip() for name, value in pairs}
    except ValueError:
        raise BadRequestError("the request head is malformed") from None
    is_plain = target.startswith("/") and target.isascii()
    if not version.startswith("HTTP/1.") or not is_plain or len(headers) != len(pairs):
        raise BadRequestError("the request head is malformed")
    # Not urlsplit: it remembers what it took apart, code and state too.
    path, _, query = target.partition("#")[0].partition("?")
    return Request(method=method, path=path, query=Secret(query), headers=headers)


def response(status: HTTPStatus, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a whole response, as one piece: two small writes would wait for each other.

    Args:
        status: HTTP status.
        headers: beside those of length and connection.
        body: the content.
    """
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii") + body


MAX_CONNECTIONS = 128
"""Connections at once. More than the system hands over in one go, so that a browser's connection
has said what it wants before it could be the oldest silent one."""

Connection = asyncio.Task[None]


class Connections:
    """Keeps connections few: where they get too many, the oldest that says nothing has to go.

    So nobody can keep a browser out by connecting in great numbers and staying silent.
    """

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._silent: dict[Connection, None] = {}

    def add(self, connection: Connection) -> None:
        """Note a new connection, whose request is still to come.

        Args:
            connection: the task that serves it.
        """
        if len(self._open) >= MAX_CONNECTIONS and self._silent:
            oldest = next(iter(self._silent))
            del self._silent[oldest]
            oldest.cancel()
        self._open.add(connection)
        self._silent[connection] = None

    def heard(self, connection: Connection) -> None:
        """Note that a connection has said what it wants, and is to be answered.

        Args:
            connection: the task that serves it.
        """
        self._silent.pop(connection, None)

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended.

        Args:
            connection: the task that served it.
        """
        self._open.discard(connection)
        self._silent.pop(connection, None)

    async def close(self, grace: float) -> None:
        """Let answers under way finish, and drop every connection.

        Args:
            grace: seconds the answers under way may take.
        """
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=grace)
            for connection in late:
                connection.cancel()
            await asyncio.gather(*late, return_exceptions=True)
