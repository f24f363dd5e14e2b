"""Whatever else connects to a listener, the pending sign-in goes on (RFC 8252 section 8)."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from support.callback_page import open_page
from support.pending import Begin, redirect

from myid_notebook.login import Phase
from myid_notebook.redirects import rendezvous


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /favicon.ico HTTP/1.1\r\nHost: HOST\r\n\r\n", b"404"),
        (b"GET PATH HTTP/1.1\r\nHost: HOST\r\n\r\n", b"404"),
        (b"GET PATH?QUERY HTTP/1.1\r\nHost: rebound.example\r\n\r\n", b"404"),
        (b"GET PATH?QUERY HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", b"400"),
        (b"POST PATH?QUERY HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n\r\n", b"405"),
        (b"HEAD PATH?QUERY HTTP/1.1\r\nHost: HOST\r\n\r\n", b"405"),
        (b"GET /relay?QUERY HTTP/1.1\r\nHost: HOST\r\n\r\n", b"404"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET PATH?QUERY HTTP/1.1\r\nX: " + b"y" * 40_000 + b"\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
def test_stray_request_never_harms(begin: Begin, request_head: bytes, status: bytes) -> None:
    """Favicons, other methods, rebound names, TLS, oversize: an error, and nothing else happens."""
    login = begin()
    right = redirect(login)
    parts = urlsplit(right)
    head = (
        request_head.replace(b"HOST", parts.netloc.encode())
        .replace(b"PATH", parts.path.encode())
        .replace(b"QUERY", parts.query.encode())
    )

    with socket.create_connection(("127.0.0.1", parts.port or 0), timeout=10) as client:
        client.sendall(head)
        answer = client.recv(4096)

    assert status == answer.split(b" ")[1]
    assert Phase.WAITING is login.phase
    assert "Signed in to MyID" == open_page(right).title


def test_relay_needs_its_key(begin: Begin) -> None:
    """The kernel's relay port answers nobody who could not read the rendezvous file."""
    login = begin()
    query = urlsplit(redirect(login)).query
    (pending,) = rendezvous.pending()
    with socket.create_connection(("127.0.0.1", pending.port), timeout=10) as client:
        client.sendall(f"GET /relay?{query} HTTP/1.1\r\nx-myid-relay-key: no\r\n\r\n".encode())
        answer = client.recv(4096)

    assert b"404" == answer.split(b" ")[1]
    assert Phase.WAITING is login.phase


def test_silent_connections_do_not_block(begin: Begin) -> None:
    """Connections that send nothing, or stop in the middle, leave room for the browser's."""
    login = begin()
    right = redirect(login)
    with ExitStack() as open_ones:
        for _ in range(30):
            client = socket.create_connection(("127.0.0.1", urlsplit(right).port or 0), timeout=10)
            open_ones.enter_context(client).sendall(b"GET / HT")

        assert "Signed in to MyID" == open_page(right).title


def test_open_connections_do_not_delay_the_end(begin: Begin) -> None:
    """A client that keeps its connection open cannot keep a finished sign-in alive."""
    login = begin()
    right = redirect(login)
    with socket.create_connection(("127.0.0.1", urlsplit(right).port or 0), timeout=10):
        open_page(right)

        assert login.wait(3)  # less than an incomplete request may take
