"""What one server does with one request changes nothing for a request to another."""

import socket
from pathlib import Path

import pytest
import trustme
from support.machine.threads import call_in_time
from support.servers.http_server import HttpServer, json_body
from support.servers.requests_to_myid import TokenRequestThread, token_endpoint
from support.servers.tls import bundle_of, server_context
from support.values.oauth import GRANT

TOKEN = b'{"access_token": "t", "token_type": "Bearer", "expires_in": 60}'


def test_handshake_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts connections and never speaks TLS delays no other sign-in: the context
    of the system's store makes one handshake at a time.
    """
    ca = trustme.CA()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle_of(ca, tmp_path / "ca.pem"))
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        HttpServer(lambda handler: json_body(handler, TOKEN), tls=server_context(ca)) as server,
    ):
        hanging = TokenRequestThread(f"https://127.0.0.1:{silent.getsockname()[1]}/t")
        silent_side, _ = silent.accept()
        with silent_side:
            assert silent_side.recv(100)

            call_in_time(lambda: token_endpoint(server.url, None).request(GRANT, 60), 5)

            hanging.abort()
    assert 1 == len(server.seen)
