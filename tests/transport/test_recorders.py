"""Tools that record HTTP requests for tests: they record no token request and no session's."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.servers.http_server import HttpServer

RECORDER = """
import sys
import urllib3.connection, urllib3.connectionpool

seen = []

class Recording(urllib3.connection.HTTPConnection):
    def request(self, *args, **kwargs):
        seen.append(repr((args, kwargs)))
        return super().request(*args, **kwargs)

pool = urllib3.connectionpool.HTTPConnectionPool
pool.ConnectionCls, get = Recording, pool._get_conn

def checked(self, timeout=None, **kwargs):  # as vcrpy does
    connection = get(self, timeout, **kwargs)
    isinstance(connection, self.ConnectionCls)
    return connection

pool._get_conn = checked
"""
VCR = """
import sys, vcr
cassette = vcr.use_cassette(sys.argv[2], record_mode="all")
cassette.__enter__()
"""
PROGRAM = """
import requests
from myid_notebook import MyIDSession
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.transport.client import HTTPClient

url = sys.argv[1]
body = {"client_secret": "hidden-secret"}
print(HTTPClient(url, None).send("POST", f"{url}token", body=body, timeout=20).status)
session = MyIDSession(url)
session.sign_in(TokenResponse(access_token=Secret("hidden-token"), expires_at=None, subject=None))
print(session.get("people").status_code)
"""


def _run(prepared: str, more: str, tmp_path: Path) -> tuple[list[str], HttpServer]:
    with HttpServer() as server:
        run = subprocess.run(
            [sys.executable, "-c", prepared + PROGRAM + more, f"{server.url}/", tmp_path / "tape"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert "" == run.stderr
    return run.stdout.splitlines(), server


def test_connections_that_record(tmp_path: Path) -> None:
    """Connections of another make are not used, even if they were put in place before."""
    lines, server = _run(RECORDER, "\nprint(seen)", tmp_path)

    assert ["200", "200", "[]"] == lines
    assert b"hidden-secret" in server.seen[0].body
    assert "Bearer hidden-token" == server.seen[1].authorization


def test_vcr(tmp_path: Path) -> None:
    """A cassette is left empty, and the requests are sent."""
    pytest.importorskip("vcr")
    lines, server = _run(VCR, "\ncassette.__exit__(None, None, None)", tmp_path)

    assert ["200", "200"] == lines
    assert 2 == len(server.seen)
    assert not (tmp_path / "tape").exists()
