"""A session in a process that ``fork`` made."""

import os
import sys
from http.server import BaseHTTPRequestHandler

import pytest
from support.http_server import HttpServer, json_body
from support.signed_in import signed_in_session

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
