"""A Jupyter server that takes connections and never comes to an end of its answers."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from support.servers.http_server import HttpServer
from support.values.doctor_report import Examine, check

from myid_notebook.callback.jupyter_servers import CALLBACK_PATH, CALLBACK_URL_VARIABLE
from myid_notebook.doctor import doctor as doctor_module
from myid_notebook.doctor.check import Finding


@pytest.fixture
def dripping(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """A server that sends a byte from time to time, and a doctor with a short time limit."""
    monkeypatch.setattr(doctor_module, "TIMEOUT", 0.5)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not server.stopping.wait(0.05):
            handler.wfile.write(b"x")

    with HttpServer(drip) as server:
        yield server


@pytest.mark.alone
def test_server_that_started_the_kernel(examine_with: Examine, dripping: HttpServer) -> None:
    """It is said not to answer, in time."""
    started = time.monotonic()
    report = examine_with(**{CALLBACK_URL_VARIABLE: f"{dripping.url}/{CALLBACK_PATH}"})

    assert time.monotonic() - started < 5
    assert "does not respond to this kernel" in check(report, "extension").detail


@pytest.mark.alone
def test_server_at_the_redirect_uri(
    examine_with: Examine, dripping: HttpServer, runtime_dir: Path
) -> None:
    """It is named as what is wrong, in time, and everything else is still looked at."""
    runtime_dir.mkdir()
    members = {"url": f"{dripping.url}/", "pid": 1}
    (runtime_dir / "jpserver-1.json").write_text(json.dumps(members))

    started = time.monotonic()
    report = examine_with(MYID_REDIRECT_URI=f"{dripping.url}/{CALLBACK_PATH}")

    assert time.monotonic() - started < 5
    assert Finding.WRONG is check(report, "route").finding
    assert Finding.OK is check(report, "runtime_folder").finding
