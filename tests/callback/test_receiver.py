"""Receiving the redirect of one sign-in, from opening to closing."""

import asyncio
import gc
import os
import socket
import weakref
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.browser.raw_http import connection, exchange, head
from support.machine.leftovers import leftovers
from support.machine.ports import free_port
from support.machine.threads import LoopThread, wait_until

from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.receiver import CallbackReceiver
from myid_notebook.callback.rendezvous import find_by_state
from myid_notebook.callback.route import CallbackRoute, RouteKind, choose_route
from myid_notebook.machine.ports import bind_exclusively
from myid_notebook.server.relay import relay


class Waiting:
    """A receiver for one state, which answers with that state."""

    def __init__(
        self, state: str, uri: str, kind: RouteKind = RouteKind.OWN_PORT, lifetime: float = 60
    ) -> None:
        if kind is RouteKind.OWN_PORT:
            route = choose_route(uri, {}, paste=False)
        else:
            route = CallbackRoute(kind=kind, redirect_uri=uri, reason="for the test")
        self.state = state
        self.receiver = CallbackReceiver(
            "https://myid.example.com/", route, state, lifetime, self._answer
        )

    async def _answer(self, query: str) -> Verdict:
        return Verdict(outcome=Outcome.FAILED, detail=f"{self.state} heard {query}")


@pytest.fixture
def uri() -> str:
    """A redirect URI at a free port."""
    return f"http://localhost:{free_port()}/cb"


def port_of(uri: str) -> int:
    """Return the port of a redirect URI."""
    return int(uri.rpartition(":")[2].partition("/")[0])


def ask(uri: str, query: str) -> str:
    """Arrive as the browser does and return the page."""
    authority = uri.split("/")[2]
    port = int(authority.partition(":")[2])
    return exchange(port, head(f"/cb?{query}", Host=authority)).decode()


def has_accepted(port: int) -> bool:
    """Return whether this process serves a connection at a port."""
    found = psutil.Process().net_connections("tcp")
    return any(c.laddr.port == port and c.status == psutil.CONN_ESTABLISHED for c in found)


def test_opening_and_closing(loop: LoopThread, uri: str, runtime_dir: Path) -> None:
    """The file is there, both ports answer, the start address leads to the link, and afterwards
    nothing is left.
    """
    before = leftovers(runtime_dir)
    waiting = Waiting("s", uri)
    assert find_by_state("s") is not None

    loop.call(waiting.receiver.serve())
    assert "s heard state=s" in ask(uri, "state=s")
    assert "s heard state=s" == loop.call(relay("state=s")).detail
    port, _, path = waiting.receiver.start_url.removeprefix("http://127.0.0.1:").partition("/")
    assert b"\r\nLocation: https://myid.example.com/\r\n" in exchange(int(port), head(f"/{path}"))

    loop.call(waiting.receiver.close(0))
    assert before == leftovers(runtime_dir)
    loop.call(waiting.receiver.close(0))


def test_keys_cannot_be_guessed(loop: LoopThread, uri: str) -> None:
    """256 bits of chance each, for relay and browser, and never the same again."""
    keys = []
    for state in ("one", "two"):
        receiver = Waiting(state, uri, RouteKind.PASTE).receiver
        found = find_by_state(state)
        assert found is not None
        keys += [found.key, receiver.start_url.rpartition("/")[2]]
        loop.call(receiver.close(0))

    assert [43] * 4 == [len(key) for key in keys]
    assert 4 == len(set(keys))


@pytest.mark.parametrize("kind", [RouteKind.JUPYTER, RouteKind.PASTE])
def test_address_of_somebody_else_is_left_alone(
    loop: LoopThread, uri: str, kind: RouteKind
) -> None:
    """Where Jupyter or nobody takes the answer, this kernel does not listen there."""
    waiting = Waiting("s", uri, kind)
    loop.call(waiting.receiver.serve())

    for sock in bind_exclusively("localhost", port_of(uri)):
        sock.close()
    loop.call(waiting.receiver.close(0))


def test_file_that_somebody_removed(loop: LoopThread, uri: str, runtime_dir: Path) -> None:
    """Closing goes on without it."""
    waiting = Waiting("s", uri, RouteKind.PASTE)
    for file in (runtime_dir / "myid-notebook").iterdir():
        file.unlink()

    loop.call(waiting.receiver.close(0))


@pytest.fixture
def other_loop() -> Iterator[LoopThread]:
    """An event loop in another thread, as each sign-in has its own."""
    with LoopThread() as running:
        yield running


def test_two_sign_ins_share_one_address(loop: LoopThread, other_loop: LoopThread, uri: str) -> None:
    """Whichever gets a redirect lets the one decide that it belongs to; when one ends, the other
    goes on.
    """
    first, second = Waiting("one", uri), Waiting("two", uri)
    loop.call(first.receiver.serve())
    other_loop.call(second.receiver.serve())

    for _ in range(10):  # the system chooses who takes a connection
        assert "one heard state=one" in ask(uri, "state=one")
        assert "two heard state=two" in ask(uri, "state=two")
    assert "heard code=c" in ask(uri, "code=c")  # of neither: whoever gets it refuses it

    loop.call(first.receiver.close(0))
    assert "two heard state=two" in ask(uri, "state=two")
    assert "This sign-in link is no longer active" in ask(uri, "state=one")
    other_loop.call(second.receiver.close(0))
    for sock in bind_exclusively("localhost", port_of(uri)):
        sock.close()


def test_redirect_of_a_sign_in_that_just_ended(loop: LoopThread, uri: str) -> None:
    """It is nobody's for another one that gets it, whether its loop is closed or not."""
    ended = Waiting("one", uri)
    assert loop.call(ended.receiver.decide_in_own_loop("state=one")) is None  # serves not yet
    loop.call(ended.receiver.serve())
    with LoopThread() as other_loop:
        killed = Waiting("two", uri)
        other_loop.call(killed.receiver.serve())

    assert loop.call(killed.receiver.decide_in_own_loop("state=two")) is None
    killed.receiver.close_nowait()
    loop.call(ended.receiver.close(0))
    assert loop.call(ended.receiver.decide_in_own_loop("state=one")) is None


def test_redirect_of_a_sign_in_whose_loop_stands_still(loop: LoopThread, uri: str) -> None:
    """A loop that is closing takes calls and drops them: nobody waits beyond the deadline."""
    waiting = Waiting("s", uri, RouteKind.PASTE, lifetime=0.1)
    still = asyncio.new_event_loop()
    still.run_until_complete(waiting.receiver.serve())

    assert loop.call(waiting.receiver.decide_in_own_loop("state=s")) is None
    still.run_until_complete(waiting.receiver.close(0))
    still.close()


def test_closed_receiver_is_not_kept_in_memory(loop: LoopThread, uri: str) -> None:
    """However many there were, none of them stays in memory."""
    waiting = Waiting("one", uri, RouteKind.PASTE)
    loop.call(waiting.receiver.serve())
    loop.call(waiting.receiver.close(0))
    left = weakref.ref(waiting.receiver)

    del waiting
    gc.collect()

    assert left() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # of the test
def test_forked_process_keeps_nothing(loop: LoopThread, uri: str) -> None:
    """It neither holds the address when the sign-in has ended, nor a page that is under way."""
    waiting = Waiting("one", uri)
    loop.call(waiting.receiver.serve())
    port = port_of(uri)
    with connection(port) as browser:
        browser.sendall(b"GET /cb?state=one HT")
        wait_until(lambda: has_accepted(port))
        parents, childs = socket.socketpair()
        child = os.fork()
        if child == 0:
            childs.sendall(b"here")
            childs.recv(1)
            os._exit(0)
        assert b"here" == parents.recv(4)
        try:
            browser.sendall(f"TP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            assert b"one heard state=one" in b"".join(iter(lambda: browser.recv(9999), b""))
            loop.call(waiting.receiver.close(0))
            for sock in bind_exclusively("localhost", port):
                sock.close()
        finally:
            parents.sendall(b".")
            os.waitpid(child, 0)
            parents.close()
            childs.close()


@pytest.mark.parametrize("kind", [RouteKind.JUPYTER, RouteKind.OWN_PORT])
def test_runtime_folder_that_cannot_be_used(
    loop: LoopThread, uri: str, runtime_dir: Path, kind: RouteKind
) -> None:
    """Jupyter could not find the kernel: paste, and why. The own listener needs no file."""
    runtime_dir.mkdir()
    (runtime_dir / "myid-notebook").touch()

    waiting = Waiting("s", uri, kind)
    loop.call(waiting.receiver.serve())

    if kind is RouteKind.JUPYTER:
        assert RouteKind.PASTE == waiting.receiver.route.kind
        assert "cannot be used (File exists)" in waiting.receiver.route.reason
        assert str(runtime_dir) in waiting.receiver.route.reason
        assert "--paste, in Python paste=True" in waiting.receiver.route.reason
        assert "" == waiting.receiver.route.if_elsewhere
    else:
        assert "s heard state=s" in ask(uri, "state=s")
    loop.call(waiting.receiver.close(0))


def test_closed_without_a_loop(loop: LoopThread, uri: str, runtime_dir: Path) -> None:
    """A sign-in that never started is not found any more, and nothing of it is left."""
    before = leftovers(runtime_dir)
    waiting = Waiting("s", uri)
    waiting.receiver.close_nowait()

    assert Outcome.UNKNOWN == loop.call(relay("state=s")).outcome
    assert before == leftovers(runtime_dir)
    waiting.receiver.close_nowait()


def test_closing_sign_in_is_not_found(loop: LoopThread, uri: str) -> None:
    """While a page is under way, other redirects meet an unknown sign-in already."""
    waiting = Waiting("s", uri)
    loop.call(waiting.receiver.serve())
    port = port_of(uri)

    async def close() -> Outcome:
        closing = asyncio.ensure_future(waiting.receiver.close(5))
        await asyncio.sleep(0)
        outcome = (await relay("state=s")).outcome
        assert not closing.done()
        browser.sendall(f"TP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        await closing
        return outcome

    with connection(port) as browser:
        browser.sendall(b"GET /cb?state=s HT")
        wait_until(lambda: has_accepted(port))
        assert Outcome.UNKNOWN == loop.call(close())
        assert b"s heard state=s" in b"".join(iter(lambda: browser.recv(9999), b""))
