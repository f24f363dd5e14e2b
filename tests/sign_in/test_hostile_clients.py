"""Whatever else connects to a listener, the pending sign-in goes on (RFC 8252 section 8)."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.browser.raw_http import exchange, head, status
from support.machine.crowd import crowd, room_for_files
from support.servers.sandbox import SandboxProcess
from support.values.raw_streams import queries, streams

from myid_notebook.callback import http_server, rendezvous
from myid_notebook.sign_in.messages import Stage


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
