"""Whatever else connects to a listener, the pending sign-in goes on (RFC 8252 section 8)."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.browser.callback_page import Visit, open_page
from support.browser.pending_sign_in import Begin, redirect
from support.browser.raw_http import exchange, head, status
from support.machine.crowd import crowd, room_for_files
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess
from support.values.raw_streams import queries, streams

from myid_notebook.callback import http_server, rendezvous
from myid_notebook.callback.http_server import MAX_CONNECTIONS
from myid_notebook.sign_in.messages import Stage


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
    assert Stage.WAITING is login.stage
    assert "Signed in to MyID" == open_page(right).title


def test_crowd_during_the_exchange(begin: Begin, sandbox: SandboxProcess) -> None:
    """Who has said what it wants is answered, however many come that say nothing."""
    login = begin()
    answer = redirect(login)
    sandbox.faults(token_delay=2)
    visit = Visit(answer)
    wait_until(lambda: sandbox.status()["token_requests"])
    address = ("127.0.0.1", urlsplit(answer).port or 0)

    with ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS + 10):
            stack.enter_context(socket.create_connection(address, timeout=10))
        assert "Signed in to MyID" == visit.page.title


def test_relay_needs_its_key(begin: Begin) -> None:
    """The kernel's relay port answers nobody who could not read the rendezvous file."""
    login = begin()
    query = urlsplit(redirect(login)).query
    (pending,) = rendezvous.pending()
    with socket.create_connection(("127.0.0.1", pending.port), timeout=10) as client:
        client.sendall(f"GET /relay?{query} HTTP/1.1\r\nx-myid-relay-key: no\r\n\r\n".encode())
        answer = client.recv(4096)

    assert b"404" == answer.split(b" ")[1]
    assert Stage.WAITING is login.stage


def test_any_bytes(begin: Begin, sandbox: SandboxProcess) -> None:
    """Whatever arrives at either port of a pending sign-in, it goes on waiting, asks MyID nothing,
    and its own answer ends it.
    """
    login = begin()
    right = redirect(login)
    own = urlsplit(right)
    (pending,) = rendezvous.pending()

    @given(streams, st.booleans())
    @settings(max_examples=150)
    def disturb(stream: bytes, relay: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        exchange(pending.port if relay else own.port or 0, stream, end=True)
        assert Stage.WAITING is login.stage

    @given(queries)
    @settings(max_examples=150)
    def ask(query: str) -> None:
        at_the_address = head(f"{own.path}?{query}", Host=own.netloc)
        by_relay = head(f"/relay?{query}", X_MyID_Relay_Key=pending.key)
        assert status(exchange(own.port or 0, at_the_address)) in {400, 404}
        assert status(exchange(pending.port, by_relay)) in {200, 400}
        assert Stage.WAITING is login.stage

    disturb()
    ask()

    assert 0 == sandbox.status()["token_requests"]
    assert "Signed in to MyID" == open_page(right).title
    assert 1 == sandbox.status()["token_requests"]


@pytest.mark.alone
@pytest.mark.parametrize("said", ["", "GET / HT"])
def test_silent_connections_do_not_block(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Connections that send nothing, or stop in the middle, leave room for the browser's: more of
    them than this process may open files, and for longer than anybody waits.
    """
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 60)
    login = begin()
    right = redirect(login)
    port = urlsplit(right).port or 0

    with room_for_files(), crowd(said, port, port) as connections:
        assert 500 == connections
        assert "Signed in to MyID" == open_page(right, timeout=20).title


def test_open_connections_do_not_delay_the_end(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that keeps its connection open cannot keep a finished sign-in alive."""
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 60)
    login = begin()
    right = redirect(login)
    with socket.create_connection(("127.0.0.1", urlsplit(right).port or 0), timeout=10):
        open_page(right)

        assert login.wait(20)
