"""Everything that receives the redirect of one sign-in, opened and closed as one."""

import gc
import json
import os
import socket
import time
import weakref
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from support.jupyter_process import free_port
from support.leftovers import leftovers, wait_until
from support.loop_thread import LoopThread
from support.raw_http import connection, exchange, head

from myid_notebook.redirects.door import Door, DoorKind
from myid_notebook.redirects.reception import Reception
from myid_notebook.redirects.relay import relay
from myid_notebook.redirects.rendezvous import find
from myid_notebook.redirects.sockets import bind_exclusively
from myid_notebook.redirects.take_over import PAUSE
from myid_notebook.redirects.verdict import Outcome, Verdict


class Waiting:
    """A reception for one state, which answers with that state."""

    def __init__(self, state: str, uri: str, kind: DoorKind, *, binds: bool = False) -> None:
        port = int(uri.rpartition(":")[2].partition("/")[0])
        door = Door(
            kind=kind,
            redirect_uri=uri,
            reason="for the test",
            sockets=bind_exclusively("localhost", port) if binds else [],
        )
        self.state = state
        self.reception = Reception("https://myid.example.com/", door, state, 60, self._answer)

    async def _answer(self, query: str) -> Verdict:
        return Verdict(outcome=Outcome.FAILED, detail=f"{self.state} heard {query}")


@pytest.fixture
def uri() -> str:
    """A redirect URI at a free port."""
    return f"http://localhost:{free_port()}/cb"


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
    """The file is there with the link, both ports answer, and afterwards nothing is left."""
    before = leftovers(runtime_dir)
    waiting = Waiting("s", uri, DoorKind.LISTENER, binds=True)
    assert find("s") is not None

    loop.call(waiting.reception.serve())
    assert "s heard state=s" in ask(uri, "state=s")
    assert "s heard state=s" == loop.call(relay("state=s")).detail

    loop.call(waiting.reception.close(0))
    assert before == leftovers(runtime_dir)
    loop.call(waiting.reception.close(0))


def test_start_address_leads_to_the_link(loop: LoopThread, uri: str) -> None:
    """Once; its key is as hard to guess as a state."""
    waiting = Waiting("s", uri, DoorKind.PASTE)
    loop.call(waiting.reception.serve())
    start = urlsplit(waiting.reception.start_url)
    assert start.port is not None

    answer = exchange(start.port, head(start.path, Host=start.netloc))

    assert ("127.0.0.1", 256) <= (start.hostname, 6 * len(start.path.removeprefix("/start/")))
    assert b"\r\nLocation: https://myid.example.com/\r\n" in answer
    loop.call(waiting.reception.close(0))


def test_keys_cannot_be_guessed(loop: LoopThread, uri: str) -> None:
    """256 bits of chance each, for relay and browser, and never the same again."""
    keys = []
    for state in ("one", "two"):
        reception = Waiting(state, uri, DoorKind.PASTE).reception
        found = find(state)
        assert found is not None
        keys += [found.relay_key, reception.start_url.rpartition("/")[2]]
        loop.call(reception.close(0))

    assert [43] * 4 == [len(key) for key in keys]
    assert 4 == len(set(keys))


@pytest.mark.parametrize("kind", [DoorKind.JUPYTER, DoorKind.PASTE])
def test_address_of_somebody_else_is_left_alone(loop: LoopThread, uri: str, kind: DoorKind) -> None:
    """Where Jupyter or nobody takes the answer, this kernel does not listen there."""
    waiting = Waiting("s", uri, kind)
    loop.call(waiting.reception.serve())
    time.sleep(3 * PAUSE)

    for sock in bind_exclusively("localhost", int(uri.split(":")[2].partition("/")[0])):
        sock.close()
    loop.call(waiting.reception.close(0))


def test_file_that_somebody_removed(loop: LoopThread, uri: str, runtime_dir: Path) -> None:
    """Closing goes on without it."""
    waiting = Waiting("s", uri, DoorKind.PASTE)
    for file in (runtime_dir / "myid-notebook").iterdir():
        file.unlink()

    loop.call(waiting.reception.close(0))


def test_two_sign_ins_share_one_address(loop: LoopThread, uri: str) -> None:
    """The holder passes redirects of the other on; when it ends, the other takes over."""
    first = Waiting("one", uri, DoorKind.LISTENER, binds=True)
    second = Waiting("two", uri, DoorKind.LISTENER)
    loop.call(first.reception.serve())
    loop.call(second.reception.serve())

    assert "one heard state=one" in ask(uri, "state=one")
    assert "two heard state=two" in ask(uri, "state=two")
    assert "one heard code=c" in ask(uri, "code=c")  # of neither: the holder refuses it
    time.sleep(3 * PAUSE)  # the other has tried, in vain

    loop.call(first.reception.close(0))
    wait_until(lambda: (found := find("two")) is not None and found.bound == uri)
    assert "two heard state=two" in ask(uri, "state=two")
    assert "No sign-in is waiting" in ask(uri, "state=one")
    loop.call(second.reception.close(0))


def test_stranger_is_quicker(loop: LoopThread, uri: str) -> None:
    """When another program has taken the address, the user is told, and pastes; once it is free,
    the answer comes back by itself again.
    """
    port = int(uri.rpartition(":")[2].partition("/")[0])
    second = Waiting("two", uri, DoorKind.LISTENER)
    with socket.create_server(("127.0.0.1", port)):
        loop.call(second.reception.serve())
        wait_until(lambda: second.reception.door.kind is DoorKind.PASTE)
        assert f"(process {os.getpid()})" in second.reception.door.reason
        assert "%myid_login --paste" in second.reception.door.reason

    wait_until(lambda: second.reception.door.kind is DoorKind.LISTENER)
    assert "for the test" == second.reception.door.reason
    assert "two heard state=two" in ask(uri, "state=two")
    loop.call(second.reception.close(0))


def test_closed_reception_is_forgotten(loop: LoopThread, uri: str) -> None:
    """However many there were, none of them stays in memory."""
    waiting = Waiting("one", uri, DoorKind.PASTE)
    loop.call(waiting.reception.serve())
    loop.call(waiting.reception.close(0))
    left = weakref.ref(waiting.reception)

    del waiting
    gc.collect()

    assert left() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # of the test
def test_forked_process_keeps_nothing(loop: LoopThread, uri: str) -> None:
    """It neither holds the address when the sign-in has ended, nor a page that is under way."""
    waiting = Waiting("one", uri, DoorKind.LISTENER, binds=True)
    loop.call(waiting.reception.serve())
    port = int(uri.rpartition(":")[2].partition("/")[0])
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
            loop.call(waiting.reception.close(0))
            for sock in bind_exclusively("localhost", port):
                sock.close()
        finally:
            parents.sendall(b".")
            os.waitpid(child, 0)
            parents.close()
            childs.close()


@pytest.mark.parametrize("kind", [DoorKind.JUPYTER, DoorKind.LISTENER])
def test_runtime_folder_that_cannot_be_used(
    loop: LoopThread, uri: str, runtime_dir: Path, kind: DoorKind
) -> None:
    """Jupyter could not find the kernel: paste, and why. The own listener needs no file."""
    runtime_dir.mkdir()
    (runtime_dir / "myid-notebook").touch()

    waiting = Waiting("s", uri, kind, binds=kind is DoorKind.LISTENER)
    loop.call(waiting.reception.serve())

    if kind is DoorKind.JUPYTER:
        assert DoorKind.PASTE == waiting.reception.door.kind
        assert "cannot be used (File exists)" in waiting.reception.door.reason
        assert str(runtime_dir) in waiting.reception.door.reason
        assert "%myid_login --paste" in waiting.reception.door.reason
    else:
        assert "s heard state=s" in ask(uri, "state=s")
    loop.call(waiting.reception.close(0))


def test_withdrawn_sign_in_is_not_found(loop: LoopThread, uri: str) -> None:
    """From then on redirects meet an unknown sign-in."""
    waiting = Waiting("s", uri, DoorKind.PASTE)
    waiting.reception.withdraw()

    assert Outcome.UNKNOWN == loop.call(relay("state=s")).outcome
    loop.call(waiting.reception.close(0))


def test_expired_files_are_swept_at_the_next_sign_in(
    loop: LoopThread, uri: str, runtime_dir: Path
) -> None:
    """What killed kernels left is removed; what others still wait for stays."""
    folder = runtime_dir / "myid-notebook"
    other = Waiting("other", uri, DoorKind.PASTE)
    (left,) = folder.iterdir()
    members = json.loads(left.read_bytes())
    (folder / "killed.json").write_text(json.dumps({**members, "pid": 2**22 + 1}))

    waiting = Waiting("s", uri, DoorKind.PASTE)

    assert not (folder / "killed.json").exists()
    assert left.exists()
    loop.call(waiting.reception.close(0))
    loop.call(other.reception.close(0))
