"""Debugging what is sent shows nothing secret."""

import http.client
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
from support.servers.http_server import HttpServer
from support.servers.requests_to_myid import SENDERS, answer_as_myid
from support.servers.tls import CONNECTIONS, MyIDServer, myid_server
from support.values.oauth import TOKEN

from myid_notebook.session.session import BearerSession


@pytest.fixture(params=CONNECTIONS)
def myid(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MyIDServer]:
    """Each way to MyID, in a process where somebody debugs ``http.client``."""
    with myid_server(request.param, tmp_path, answer_as_myid) as myid:
        monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
        yield myid


@pytest.mark.parametrize("sender", SENDERS)
def test_debug_output_of_the_library(
    myid: MyIDServer, sender: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """``http.client`` prints every byte it sends where it is told to, but for ours."""
    SENDERS[sender](myid.url, myid.bundle)

    assert ("", "") == capfd.readouterr()
    assert 1 == len(myid.server.seen)


def test_it_would_print_otherwise(myid: MyIDServer, capfd: pytest.CaptureFixture[str]) -> None:
    """The debugging itself works: what is not ours prints its token on each of these ways."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    requests.get(f"{myid.url}/people", headers=headers, verify=myid.bundle, timeout=20)

    assert TOKEN in capfd.readouterr().out


@pytest.mark.parametrize("line", ["XX {said}", "HTTP/9.9 {said}", "{said}", "HTTP/1.1 {said}"])
def test_status_line_that_is_none(session: BearerSession, server: HttpServer, line: str) -> None:
    """A server that says again what it was sent, in place of a status, is not quoted by the error;
    the library's own connections would do so.
    """

    def echo(handler: BaseHTTPRequestHandler) -> None:
        said = line.format(said=server.seen[-1].authorization)
        handler.wfile.write(f"{said}\r\n\r\n".encode())

    server.answers["/rest.core/api/people"] = echo

    with pytest.raises(requests.RequestException) as ours:
        session.get("people")
    with pytest.raises(requests.RequestException) as theirs:
        requests.get(f"{server.url}/rest.core/api/people", auth=session.auth, timeout=20)

    assert TOKEN not in f"{ours.value!r} {ours.value.__context__!r}"
    assert TOKEN in repr(theirs.value)


def test_log_of_malformed_headers(
    session: BearerSession, server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that says again what it was sent, in headers that are none, is not quoted in a log;
    the library's own connections would do so.
    """
    caplog.set_level(logging.DEBUG)

    def echo(handler: BaseHTTPRequestHandler) -> None:
        said = f"you sent {server.seen[-1].authorization}"
        handler.wfile.write(f"HTTP/1.1 200 OK\r\n{said}\r\nX: y\r\n\r\n".encode())

    server.answers["/rest.core/api/people"] = echo

    session.get("people")
    quiet = caplog.text
    requests.get(f"{server.url}/rest.core/api/people", auth=session.auth, timeout=20)

    assert '"GET /rest.core/api/people HTTP/1.1" 200' in quiet
    assert TOKEN not in quiet
    assert TOKEN in caplog.text
