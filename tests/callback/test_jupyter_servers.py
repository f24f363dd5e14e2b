"""Asking a Jupyter server for the version of the extension."""

import errno
import http.server
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import pytest
from support.jupyter.server import leave_server_file
from support.servers.http_server import FixedAnswerServer, json_answer
from support.servers.tls import CompanyCA

from myid_notebook.callback import jupyter_servers
from myid_notebook.callback.jupyter_servers import Presence, extension_version, presence_of


class Healthy(http.server.BaseHTTPRequestHandler):
    """A Jupyter server with the extension, as far as it is asked here."""

    def do_GET(self) -> None:
        """Answer as the extension does."""
        self.wfile.write(json_answer(b'{"myid_notebook": "1.2.3"}'))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[str]:
    """A server with a certificate that nobody here trusts, as people make for themselves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CompanyCA.create(tmp_path).server)
    server = http.server.HTTPServer(("127.0.0.1", 0), Healthy)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_server_with_a_certificate_of_its_own(tls_server: str, runtime_dir: Path) -> None:
    """It is accepted: nothing secret is sent, and it only decides which route is tried."""
    leave_server_file(runtime_dir, tls_server)

    (found,) = jupyter_servers.jupyter_servers()
    assert tls_server == found.url
    assert "1.2.3" == extension_version(found.url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://localhost:8888/",
        "http+unix://%2Ftmp%2Fj.sock/",
        "http://jane:pw@localhost:8888/",
        "http://localhost:8888/\u00e4/",
        "http://localhost:8888/a\r\nb/",
        "http://localhost:8888/" + "a" * 70_000,
    ],
)
def test_file_that_no_server_leaves(runtime_dir: Path, url: str) -> None:
    """Only a plain address of http is one of a server."""
    leave_server_file(runtime_dir, url)

    assert [] == list(jupyter_servers.jupyter_servers())


@pytest.mark.parametrize("scheme", ["http", "https", "http+unix"])
def test_silent_server(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a server that hangs longer than a moment."""
    monkeypatch.setattr(jupyter_servers, "PROBE_TIMEOUT", 0.2)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as on_file:
        on_file.bind(f"{folder}/j")
        on_file.listen()
        with socket.create_server(("127.0.0.1", 0)) as hanging:
            at = f"127.0.0.1:{hanging.getsockname()[1]}"
            at = quote(f"{folder}/j", safe="") if scheme == "http+unix" else at
            assert extension_version(f"{scheme}://{at}/") is None

    assert time.monotonic() - started < 10


def test_request_to_a_slow_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread goes on waiting for a response that nobody needs any more."""
    monkeypatch.setattr(jupyter_servers, "PROBE_TIMEOUT", 60)
    monkeypatch.setattr(jupyter_servers, "ROUTE_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        assert Presence.SLOW == presence_of(f"http://127.0.0.1:{slow.getsockname()[1]}/")
        with slow.accept()[0] as connection:
            connection.settimeout(10)
            while connection.recv(9999):
                pass


@pytest.mark.parametrize(
    ("host", "error", "found"),
    [
        ("127.0.0.1", None, Presence.SLOW),
        ("jupyter.example.com", None, Presence.ABSENT),
        ("127.0.0.1", errno.EMFILE, Presence.SLOW),
        ("127.0.0.1", errno.ECONNREFUSED, Presence.ABSENT),
    ],
)
def test_server_that_takes_no_connection(
    host: str, error: int | None, found: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy one of this machine may not, nor any where this process has no file left to open."""
    over = threading.Event()

    def connect(*_: object, **__: object) -> NoReturn:
        if error is None:
            over.wait(10)
        raise OSError(error or errno.ETIMEDOUT, "for the test")

    monkeypatch.setattr(jupyter_servers, "ROUTE_TIMEOUT", 0.2 if error is None else 10)
    monkeypatch.setattr(socket, "create_connection", connect)

    assert found == presence_of(f"http://{host}:1/")
    over.set()


OTHERS = {
    "an error that looks like it": json_answer(b'{"myid_notebook": "1"}', "500 Oops"),
    "a version that is none": json_answer(b'{"myid_notebook": 1}'),
    "too much": json_answer(b'{"myid_notebook": "1", "more": "' + b"a" * 4096 + b'"}'),
}


@pytest.mark.parametrize("name", OTHERS)
def test_answer_of_another_kind(name: str) -> None:
    """Only the extension's own answer counts."""
    with FixedAnswerServer(OTHERS[name]) as server:
        assert extension_version(f"http://127.0.0.1:{server.port}/") is None
