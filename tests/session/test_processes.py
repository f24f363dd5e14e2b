"""A session in a process that ``fork`` made."""

import contextlib
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
from support.servers.http_server import HttpServer, json_body
from support.servers.tls import myid_server
from support.values.oauth import signed_in_session

from myid_notebook.session.session import BearerSession

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # of the server
def test_connections_are_not_shared() -> None:
    """Parent and child each use a connection of their own: on a shared one, either would read the
    other's answers.
    """
    ports = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        ports.append(handler.client_address[1])
        json_body(handler)

    server = HttpServer(answer, keep_alive=True)
    with server, signed_in_session(f"{server.url}/api/") as session:
        session.get("people")
        child = os.fork()
        if child == 0:
            works = session.get("people").ok
            os._exit(0 if works else 1)
        _, status = os.waitpid(child, 0)
        session.get("people")

    assert 0 == status
    before, in_child, after = ports
    assert before == after
    assert before != in_child


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # of the test
def test_tls_handshake_of_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is in the middle of a handshake is not there in the child, and keeps nobody
    waiting there.
    """
    with (
        myid_server("https", tmp_path) as myid,
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(myid.bundle))
        with signed_in_session(f"{myid.url}/api/") as session:
            hanging = f"https://127.0.0.1:{silent.getsockname()[1]}/"
            thread = threading.Thread(target=lambda: _failing(session, hanging))
            thread.start()
            with silent.accept()[0] as connection:
                connection.recv(1)  # the handshake has begun
                child = os.fork()
                if child == 0:
                    signal.signal(signal.SIGALRM, signal.SIG_DFL)
                    signal.alarm(20)
                    os._exit(0 if session.get("people").ok else 1)
                _, status = os.waitpid(child, 0)
            thread.join()

    assert 0 == status


def _failing(session: BearerSession, url: str) -> None:
    with contextlib.suppress(requests.RequestException):
        session.get(url)
