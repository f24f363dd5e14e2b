"""Reading request heads and writing responses."""

import asyncio
from http import HTTPStatus

import pytest

from myid_notebook.callback import http_server
from myid_notebook.callback.http_server import (
    MAX_HEAD,
    BadRequestError,
    Request,
    read_request,
    response,
)


def read(data: bytes, *, ends: bool = True) -> Request:
    """Read a request from these bytes alone."""

    async def run() -> Request:
        reader = asyncio.StreamReader(limit=MAX_HEAD)
        reader.feed_data(data)
        if ends:
            reader.feed_eof()
        request = await read_request(reader)
        assert request is not None
        return request

    return asyncio.run(run())


def test_cookies_of_other_programs() -> None:
    """Browsers send every cookie of ``localhost``, whichever port set it, and as it was set."""
    request = read("GET /p?a=b HTTP/1.1\r\nCookie: name=Jörg\r\nHost: h\r\n\r\n".encode())

    assert ("a=b", "h") == (request.query, request.headers["host"])


def test_address_that_is_no_ascii() -> None:
    """Browsers percent-encode what they ask for."""
    with pytest.raises(BadRequestError):
        read("GET /p?a=é HTTP/1.1\r\n\r\n".encode())


@pytest.mark.parametrize("ends", [True, False])
def test_client_that_says_nothing(monkeypatch: pytest.MonkeyPatch, *, ends: bool) -> None:
    """It has asked for nothing, so there is nothing to answer."""
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 0.05)

    async def run() -> Request | None:
        reader = asyncio.StreamReader(limit=MAX_HEAD)
        if ends:
            reader.feed_eof()
        return await read_request(reader)

    assert asyncio.run(run()) is None


def test_request_of_a_browser() -> None:
    """Header names become lower case, values lose their blanks, the query stays as sent."""
    request = read(b"GET /p%20q?a=%41&b HTTP/1.1\r\nHOST:  h:1 \r\nX-Empty:\r\n\r\nrest")

    assert ("GET", "/p%20q", "a=%41&b") == (request.method, request.path, request.query)
    assert {"host": "h:1", "x-empty": ""} == request.headers


def test_fragment_is_no_part_of_the_query() -> None:
    """No browser sends one."""
    assert "a=b" == read(b"GET /p?a=b#c=d HTTP/1.1\r\n\r\n").query


@pytest.mark.parametrize("line", [b"GET  / HTTP/1.1", b"GET /\tHTTP/1.1", b" GET / HTTP/1.1"])
def test_one_blank_between_the_parts(line: bytes) -> None:
    """RFC 9112 section 3: what others may read otherwise is refused."""
    with pytest.raises(BadRequestError):
        read(line + b"\r\n\r\n")


def test_representation_shows_neither_query_nor_headers() -> None:
    """The query holds the code, the headers cookies or the relay key."""
    shown = repr(read(b"GET /p?code=the-code HTTP/1.1\r\nCookie: secret\r\n\r\n"))

    assert "the-code" not in shown
    assert "secret" not in shown


@pytest.mark.parametrize("size", [MAX_HEAD - 100, MAX_HEAD + 1, 10 * MAX_HEAD])
def test_size_of_the_head_is_bounded(size: int) -> None:
    """Up to the limit a head is read, beyond it is refused."""
    data = b"GET /?" + b"a" * (size - 6) + b" HTTP/1.1\r\n\r\n"

    if size < MAX_HEAD:
        assert size - 6 == len(read(data).query)
    else:
        with pytest.raises(BadRequestError):
            read(data)


def test_response_says_how_long_it_is() -> None:
    """One piece, with length and the end of the connection announced."""
    assert (
        b"HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
    ) == response(HTTPStatus.NOT_FOUND, {"X-A": "b"}, b"body")
