"""Debugging what is sent shows nothing secret."""

import http.client
import logging
from http.server import BaseHTTPRequestHandler

import pytest
import requests
from support.http_server import HttpServer
from support.signed_in import TOKEN

from myid_notebook.session import MyIDSession


def test_debug_output_of_the_library(
    session: MyIDSession,
    server: HttpServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """``http.client`` prints every byte it sends where it is told to, but for a session of ours."""
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)

    session.get("people")
    quiet = capfd.readouterr().out
    requests.get(f"{server.url}/people", auth=session.auth, timeout=20)

    assert "" == quiet
    assert TOKEN in capfd.readouterr().out


def test_log_of_malformed_headers(
    session: MyIDSession, server: HttpServer, caplog: pytest.LogCaptureFixture
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
