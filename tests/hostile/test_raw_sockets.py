"""Whatever arrives at the listener's sockets, a redirect is answered and nothing piles up."""

import gc
import socket
import tracemalloc
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.browser.raw_http import connection, exchange, head, status
from support.machine.crowd import crowd, room_for_files
from support.machine.threads import wait_until
from support.servers.listener import RELAY_KEY, ServedListener
from support.values.raw_streams import streams

from myid_notebook.callback import http_server

ANSWERS = {0, 200, 400, 404, 405}
"""0: no answer, because the other side had gone."""


@given(streams, st.booleans())
@settings(max_examples=400)
def test_bytes_of_any_kind(served: ServedListener, stream: bytes, relay: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Every stream gets one of few answers, and the redirect after it its own."""
    with connection(served.relay_port if relay else served.port) as sock:
        sock.sendall(stream)
        sock.shutdown(socket.SHUT_WR)
        try:
            answer = sock.recv(65_536)
        except ConnectionError:
            answer = b""

    assert status(answer) in ANSWERS
    assert 200 == status(served.redirect())


def test_pipelined_requests(served: ServedListener) -> None:
    """Only the first request of a connection is read: nothing is smuggled in behind it."""
    first = head("/favicon.ico", Host=f"localhost:{served.port}")
    second = head("/myid/callback?code=smuggled&state=s", Host=f"localhost:{served.port}")

    answer = exchange(served.port, first + second)

    assert 404 == status(answer)
    assert 1 == answer.count(b"HTTP/1.1 ")
    assert not [query for query in served.heard if "smuggled" in query]


def test_relay_with_a_body(served: ServedListener) -> None:
    """A body that pretends to be a request of its own is never looked at."""
    inner = head("/relay?state=inner", X_MyID_Relay_Key=RELAY_KEY)
    outer = head("/relay?state=outer", Content_Length=str(len(inner)), X_MyID_Relay_Key="wrong")

    assert 404 == status(exchange(served.relay_port, outer + inner))
    assert "state=inner" not in served.heard


def test_one_byte_at_a_time(served: ServedListener, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow client that always goes on is cut off all the same; others do not wait for it."""
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 0.5)
    with connection(served.port) as slow:
        slow.settimeout(0.05)
        answer = b""
        for byte in head("/myid/callback?" + "a" * 500):
            try:
                slow.sendall(bytes([byte]))
                answer = slow.recv(100)
                break
            except TimeoutError:
                assert 200 == status(served.redirect())

    assert 400 == status(answer)


@pytest.mark.alone
@pytest.mark.parametrize("said", ["", "GET /myid/callback?state=s HTTP/1.1\r\nHost: lo"])
def test_five_hundred_connections(
    served: ServedListener, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """So many silent or half-said connections at once delay nobody, though this process may not
    even open so many files and each of them might go on for long.
    """
    monkeypatch.setattr(http_server, "HEAD_TIMEOUT", 60)
    with room_for_files(), crowd(said, served.port, served.port) as connections:
        assert 500 == connections
        assert 200 == status(served.redirect())


def test_memory(served: ServedListener) -> None:
    """Thousands of connections, broken off in the middle of a long head, leave nothing behind."""
    half = b"GET /myid/callback?state=" + b"s" * 20_000

    def storm() -> int:
        for _ in range(10):
            with ExitStack() as stack:
                for _ in range(100):
                    stack.enter_context(connection(served.port)).sendall(half)
        wait_until(lambda: not served.open_connections)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before, *_, after = (storm() for _ in range(4))
    finally:
        tracemalloc.stop()

    assert after - before < 500_000
