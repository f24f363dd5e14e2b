"""Asking a Jupyter server for the version of the extension."""

import http.server
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter.server import leave_server_file
from support.servers.http_server import FixedAnswerServer, json_answer
from support.servers.tls import CompanyCA

from myid_notebook.callback import jupyter_servers
from myid_notebook.callback.jupyter_servers import extension_version


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


def test_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a server that hangs longer than a moment."""
    monkeypatch.setattr(jupyter_servers, "PROBE_TIMEOUT", 0.2)
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        assert extension_version(f"https://127.0.0.1:{hanging.getsockname()[1]}/") is None

    assert time.monotonic() - started < 10


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
