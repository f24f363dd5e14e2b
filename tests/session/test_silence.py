"""Debugging what is sent shows nothing secret."""

import http.client

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
