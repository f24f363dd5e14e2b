"""The listener answers redirects and relays, and rejects everything else."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.browser.raw_http import connection, exchange, head, status
from support.machine.threads import LoopThread
from support.servers.listener import LINK, RELAY_KEY, START_KEY, VERDICT, ServedListener

from myid_notebook.callback import http_server
from myid_notebook.callback.http_server import MAX_CONNECTIONS


@pytest.fixture
def served(loop: LoopThread) -> Iterator[ServedListener]:
    """A listener."""
    with ServedListener(loop) as listener:
        yield listener


def test_redirect_is_decided_and_answered_with_a_page(served: ServedListener) -> None:
    """The query goes to the sign-in as it came, the verdict to the browser as a page."""
    answer = served.redirect("code=a%20b&state=s")

    assert ["code=a%20b&state=s"] == served.heard
    assert 200 == status(answer)
    assert b"Signed in to MyID" in answer


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_redirect_by_either_address_of_localhost(served: ServedListener, host: str) -> None:
    """A browser that asks for localhost tries either address first."""
    request = head("/myid/callback?state=s", Host=f"LocalHost:{served.port}")

    assert 200 == status(exchange(served.port, request, host))


def test_relay_is_answered_with_the_verdict(served: ServedListener) -> None:
    """Whoever shows the key of the rendezvous file gets the verdict itself."""
    request = head("/relay?state=s", X_MyID_Relay_Key=RELAY_KEY)

    body = exchange(served.relay_port, request).partition(b"\r\n\r\n")[2]

    assert ["state=s"] == served.heard
    assert json.loads(VERDICT.to_json()) == json.loads(body)


@pytest.mark.parametrize("key", ["", RELAY_KEY[:-1], RELAY_KEY.upper()])
def test_relay_without_the_key_is_not_heard(served: ServedListener, key: str) -> None:
    """A web page in the user's browser can reach the port, but not know the key."""
    answer = exchange(served.relay_port, head("/relay?state=s", X_MyID_Relay_Key=key))

    assert 404 == status(answer)
    assert 404 == status(exchange(served.relay_port, head("/relay?state=s")))
    assert [] == served.heard


def test_other_methods_are_told_which_one_to_use(served: ServedListener) -> None:
    """RFC 9110 section 15.5.6."""
    answer = exchange(served.port, head("/myid/callback?state=s", method="POST", Host="localhost"))

    assert 405 == status(answer)
    assert b"\r\nAllow: GET\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("registered", "host"),
    [
        ("http://localhost:80/myid/callback", "localhost"),
        ("http://localhost/myid/callback", "localhost:80"),
        ("http://[::1]:80/myid/callback", "[::1]"),
    ],
)
def test_default_port_written_or_not(loop: LoopThread, registered: str, host: str) -> None:
    """Browsers leave port 80 out of Host, however the URI is registered."""
    with ServedListener(loop, registered) as served:
        answer = exchange(served.port, head("/myid/callback?state=s", Host=host))

    assert 200 == status(answer)


def test_registered_uri_without_path(loop: LoopThread) -> None:
    """A URI without path is asked for as ``/``."""
    with ServedListener(loop, "http://localhost:5500") as served:
        answer = exchange(served.port, head("/?state=s", Host="localhost:5500"))

    assert 200 == status(answer)


STRANGERS = {
    "favicon": (404, head("/favicon.ico", Host="localhost:{port}")),
    "other path": (404, head("/myid/callback/?state=s", Host="localhost:{port}")),
    "relay path": (404, head("/relay?state=s", Host="localhost:{port}", X_MyID_Relay_Key="x")),
    "no query": (404, head("/myid/callback", Host="localhost:{port}")),
    "no host": (404, head("/myid/callback?state=s")),
    "rebound name": (404, head("/myid/callback?state=s", Host="evil.example:{port}")),
    "other port": (404, head("/myid/callback?state=s", Host="localhost:1")),
    "other address": (404, head("/myid/callback?state=s", Host="127.0.0.1:{port}")),
    "HEAD": (405, head("/myid/callback?state=s", method="HEAD", Host="localhost:{port}")),
    "POST": (405, head("/myid/callback?state=s", method="POST", Host="localhost:{port}") + b"a=b"),
    "OPTIONS": (405, head("*", method="OPTIONS").replace(b" * ", b" /* ")),
    "two hosts": (400, b"GET /myid/callback?state=s HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "absolute": (400, head("http://localhost:{port}/myid/callback?state=s", Host="localhost")),
    "HTTP/0.9": (400, b"GET /\r\n\r\n"),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "not ASCII": (400, b"GET /myid/callback?state=\xff HTTP/1.1\r\n\r\n"),
    "garbage": (400, b"\x00\x01\x02\r\n\r\n"),
    "header without colon": (400, b"GET / HTTP/1.1\r\nnonsense\r\n\r\n"),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_stranger_neither_ends_nor_harms_a_sign_in(served: ServedListener, stranger: str) -> None:
    """Any other request is refused, and the redirect still arrives."""
    expected, request = STRANGERS[stranger]

    answer = exchange(served.port, request.replace(b"{port}", str(served.port).encode()))

    assert expected == status(answer)
    assert [] == served.heard
    assert 200 == status(served.redirect())
    assert ["code=c&state=s"] == served.heard


def test_client_that_says_nothing(served: ServedListener) -> None:
    """It gets no answer, for it would take that for the answer to what it says next."""
    with connection(served.port) as sock:
        sock.shutdown(socket.SHUT_WR)

        assert b"" == sock.recv(100)


def test_tls_client(served: ServedListener, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that tries https first gets no answer it could take for one."""
    context = ssl.create_default_context()

    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 0.3)
    with connection(served.port) as sock, pytest.raises(OSError, match=r"SSL|EOF|reset"):
        context.wrap_socket(sock, server_hostname="localhost")
    assert 200 == status(served.redirect())


def test_slow_head(served: ServedListener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes too long is refused; meanwhile others are served."""
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 0.3)

    with connection(served.port) as slow:
        slow.sendall(b"GET /myid/callback?state=s HT")
        assert 200 == status(served.redirect())
        answer = slow.recv(100)

    assert 400 == status(answer)
    assert ["code=c&state=s"] == served.heard


def test_more_idle_connections_than_it_takes(
    served: ServedListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest idle connection makes room for the newest: nobody can keep a redirect waiting."""
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 60)
    with ExitStack() as stack:
        idle = [stack.enter_context(connection(served.port)) for _ in range(MAX_CONNECTIONS + 10)]

        assert 200 == status(served.redirect())
        assert [b""] * 11 == [oldest.recv(1) for oldest in idle[:11]]
        idle[11].setblocking(False)
        with pytest.raises(BlockingIOError):
            idle[11].recv(1)


def test_more_requests_than_it_takes_while_it_is_busy(
    served: ServedListener, loop: LoopThread
) -> None:
    """Every request is answered that arrives while the event loop does something else: none finds
    no place in the queue, and none is the oldest idle connection because it is not read yet.
    """
    free, busy = threading.Event(), threading.Event()

    async def block() -> None:
        busy.set()
        free.wait(60)

    blocked = threading.Thread(target=loop.call, args=(block(), 60))
    blocked.start()
    busy.wait(20)
    with ExitStack() as stack:
        many = [stack.enter_context(connection(served.port)) for _ in range(3 * MAX_CONNECTIONS)]
        for each in many:
            each.sendall(head("/myid/callback?state=s", Host=f"localhost:{served.port}"))
        free.set()
        assert {200} == {status(each.recv(9999)) for each in many}
    blocked.join()


def test_connections_of_the_past_do_not_count(served: ServedListener) -> None:
    """After many answers there is still room for more than one that has not asked yet."""
    for _ in range(MAX_CONNECTIONS):
        assert 200 == status(served.redirect())

    with connection(served.port) as first, connection(served.port):
        assert 200 == status(served.redirect())
        first.sendall(head("/myid/callback?state=s", Host=f"localhost:{served.port}"))
        assert 200 == status(first.recv(9999))


def test_browser_is_sent_on_once(served: ServedListener) -> None:
    """Whoever shows the start key gets the link, and nobody after that."""
    request = head(f"/start/{START_KEY}", Host=f"127.0.0.1:{served.relay_port}")

    assert 404 == status(exchange(served.relay_port, head("/start/x")))
    answer = exchange(served.relay_port, request)
    assert 302 == status(answer)
    assert f"\r\nLocation: {LINK}\r\n".encode() in answer
    assert b"\r\nReferrer-Policy: no-referrer\r\n" in answer
    assert 404 == status(exchange(served.relay_port, request))
    assert 404 == status(exchange(served.port, request))


def test_close_drops_idle_connections_and_frees_the_port(served: ServedListener) -> None:
    """After the end nothing of the listener is left."""
    with connection(served.port) as idle:
        idle.sendall(b"GET")
        assert 200 == status(served.redirect())
        served.close(grace=0.01)
        assert b"" == idle.recv(100)

    with pytest.raises(ConnectionRefusedError):
        connection(served.port).__enter__()
