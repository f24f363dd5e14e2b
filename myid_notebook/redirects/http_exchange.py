"""As much of HTTP/1.1 as a listener on loopback needs (RFC 9112), on asyncio streams."""

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
