"""A request can be ended from another thread, at once, whatever the server is doing."""

import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psutil
import pytest
import trustme
from support.machine.threads import wait_until
from support.servers.http_server import HttpServer
from support.servers.requests_to_myid import TokenRequestThread, token_endpoint
from support.servers.tls import bundle_of, server_context
from support.values.oauth import GRANT

from myid_notebook.errors import TokenEndpointError


def silent(_: BaseHTTPRequestHandler, stopping: threading.Event) -> None:
    """Never answer."""
    stopping.wait()


def dripping(handler: BaseHTTPRequestHandler, stopping: threading.Event) -> None:
    """Send a byte from time to time, so that no timeout between bytes ever strikes."""
    handler.send_response(200)
    handler.end_headers()
    while not stopping.wait(0.02):
        handler.wfile.write(b" ")


@pytest.mark.alone
@pytest.mark.parametrize("behaviour", [silent, dripping])
@pytest.mark.parametrize("tls", [False, True])
def test_abort_ends_a_request(
    tmp_path: Path,
    behaviour: Callable[[BaseHTTPRequestHandler, threading.Event], None],
    *,
    tls: bool,
) -> None:
    """The thread that sent it is free at once, over TLS too, with an error and no token."""
    ca = trustme.CA()
    bundle = bundle_of(ca, tmp_path / "ca.pem") if tls else None
    with HttpServer(
        lambda handler: behaviour(handler, server.stopping),
        tls=server_context(ca) if tls else None,
    ) as server:
        sending = TokenRequestThread(server.url, bundle)
        wait_until(lambda: server.seen)

        assert sending.abort() < 2

    assert sending.error is not None


@pytest.mark.skipif(sys.platform != "linux", reason="fills a queue as Linux has it")
def test_abort_while_connecting_sends_nothing() -> None:
    """A connection that comes about after the abort is closed, unused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        first = socket.create_connection(full.getsockname())
        sending = TokenRequestThread(f"http://127.0.0.1:{full.getsockname()[1]}/t")
        wait_until(lambda: _connecting(full.getsockname()[1]))
        sending.endpoint.abort()
        full.accept()[0].close()
        late, _ = full.accept()
        with late:
            late.settimeout(20)
            assert b"" == late.recv(100)
        first.close()
        sending.abort()

    assert sending.error is not None


@pytest.mark.alone
def test_abort_ends_a_tls_handshake() -> None:
    """A server that accepts connections and never speaks TLS keeps nobody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sending = TokenRequestThread(f"https://127.0.0.1:{server.getsockname()[1]}/t")
        silent_side, _ = server.accept()
        with silent_side:
            assert silent_side.recv(100)

            assert sending.abort() < 2

    assert sending.error is not None


def _connecting(port: int) -> bool:
    connections = psutil.Process().net_connections("tcp")
    return any(c.status == psutil.CONN_SYN_SENT and c.raddr[1:] == (port,) for c in connections)


def test_abort_before_the_request_sends_nothing() -> None:
    """Given up is given up."""
    with HttpServer() as server:
        endpoint = token_endpoint(server.url, None)
        endpoint.abort()

        with pytest.raises(TokenEndpointError):
            endpoint.request(GRANT, 10)
    assert [] == server.seen


def test_nothing_stays_open() -> None:
    """After a request, whatever came of it, this process holds no socket of it."""
    before = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    with HttpServer() as server:
        for _ in range(5):
            endpoint = token_endpoint(server.url, None)
            with pytest.raises(TokenEndpointError):
                endpoint.request(GRANT, 10)
    if before:
        wait_until(lambda: psutil.Process().num_fds() <= before)
