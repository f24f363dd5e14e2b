"""Passing a redirect on to the kernel that waits for it."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.machine.threads import LoopThread
from support.servers.http_server import FixedAnswerServer, json_answer
from support.servers.listener import RELAY_KEY, VERDICT, ServedListener

from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.server.relay import MAX_QUERY, relay


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime folder of the test's own."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    """An event loop in a thread."""
    with LoopThread() as running:
        yield running


def publish(port: int, **changes: object) -> None:
    """Write a rendezvous file for the state ``s``."""
    members = {
        "port": port,
        "key": RELAY_KEY,
        "pid": 1,
        "valid_until": time.time() + 60,
        **changes,
    }
    Rendezvous(**members).write("s")  # type: ignore[arg-type] # of these very types


async def closed(server: asyncio.Server) -> None:
    """Close a server, in its own loop."""
    server.close()


def outcome(query: str) -> Outcome:
    """Relay a redirect and return its outcome."""
    return asyncio.run(relay(query)).outcome


def test_redirect_reaches_its_listener(loop: LoopThread) -> None:
    """The query arrives as it came, the verdict comes back as it was given."""
    with ServedListener(loop) as served:
        publish(served.relay_port)

        verdict = asyncio.run(relay("code=a%20b&state=s&extra=%C3%A4"))

    assert ["code=a%20b&state=s&extra=%C3%A4"] == served.heard
    assert VERDICT == verdict


@pytest.mark.parametrize("query", ["", "state=s&state=s", "state=%FF", "state=s&x=ä"])
def test_redirect_without_exactly_one_state(query: str) -> None:
    """Such a redirect belongs to nobody, and nobody is asked."""
    publish(1)

    assert Outcome.NO_STATE == outcome(query)


def test_unknown_state() -> None:
    """No file, no sign-in."""
    assert Outcome.UNKNOWN == outcome("state=other")


@pytest.mark.parametrize("minutes", [-10, 24 * 60])
def test_clock_that_is_set_meanwhile(
    loop: LoopThread, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """The listener knows whether its time is over; the clock of the wall does not."""
    with ServedListener(loop) as served:
        publish(served.relay_port, valid_until=time.time() + 5)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + minutes * 60)

        assert VERDICT.outcome == outcome("state=s")


def test_kernel_on_another_machine(loop: LoopThread) -> None:
    """A shared home folder shows files of kernels that cannot be reached from here."""
    with ServedListener(loop) as served:
        publish(served.relay_port, machine="another-machine")

        assert Outcome.OTHER_MACHINE == outcome("state=s")
    assert [] == served.heard


def test_listener_with_another_key(loop: LoopThread) -> None:
    """A listener that does not know the key is not the one of the file."""
    with ServedListener(loop) as served:
        publish(served.relay_port, key="of another sign-in")

        assert Outcome.KERNEL_GONE == outcome("state=s")


GARBAGE = {
    "nothing": b"",
    "no line end": b"a" * 200_000,
    "verdict of a failure": json_answer(VERDICT.to_json(), "500 Internal Server Error"),
    "endless": json_answer(b" " * 1_000_000),
    "not HTTP": VERDICT.to_json(),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_another_program_at_the_port(kind: str) -> None:
    """A port may have been taken over meanwhile; what its holder says signs nobody in."""
    with FixedAnswerServer(GARBAGE[kind]) as server:
        publish(server.port)

        assert Outcome.KERNEL_GONE == outcome("state=s")


def test_verdict_in_two_pieces(loop: LoopThread) -> None:
    """TCP may cut an answer anywhere."""
    verdict = Verdict(outcome=Outcome.FAILED, detail="a" * 5000)
    whole = json_answer(verdict.to_json())

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in (whole[:80], whole[80:1000], whole[1000:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.close()

    server = loop.call(asyncio.start_server(serve, "127.0.0.1", 0))
    publish(server.sockets[0].getsockname()[1])

    assert verdict == asyncio.run(relay("state=s"))
    loop.call(closed(server))


def test_silent_listener_is_waited_for_as_long_as_the_sign_in_lives(
    loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exchange may take its time, but no longer than the sign-in has."""
    monkeypatch.setattr("myid_notebook.server.relay.VERDICT_TIMEOUT", 0.05)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(), 30)
        writer.close()

    server = loop.call(asyncio.start_server(silent, "127.0.0.1", 0))
    publish(server.sockets[0].getsockname()[1], valid_until=time.time() + 0.1)

    started = time.monotonic()
    assert Outcome.KERNEL_GONE == outcome("state=s")
    assert time.monotonic() - started < 20
    loop.call(closed(server))


def test_verdict_at_the_last_moment(loop: LoopThread) -> None:
    """A sign-in that ends at its deadline still says how it ended."""

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.3)
        writer.write(json_answer(VERDICT.to_json()))
        writer.close()

    server = loop.call(asyncio.start_server(late, "127.0.0.1", 0))
    publish(server.sockets[0].getsockname()[1], valid_until=time.time() + 0.1)

    assert VERDICT == asyncio.run(relay("state=s"))
    loop.call(closed(server))


@pytest.mark.parametrize("surplus", [0, 1])
def test_query_beyond_any_answer(loop: LoopThread, surplus: int) -> None:
    """It is refused as such; as long a one as is allowed reaches the kernel."""
    query = "state=s&code=" + "c" * (MAX_QUERY - len("state=s&code=") + surplus)
    with ServedListener(loop) as served:
        publish(served.relay_port)
        verdict = asyncio.run(relay(query))

    assert (Outcome.REFUSED if surplus else VERDICT.outcome) == verdict.outcome
    assert ([] if surplus else [query]) == served.heard
