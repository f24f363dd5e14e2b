"""Waiting for a port that another sign-in holds."""

import asyncio
import os
import socket

import pytest
from support.machine.ports import free_port

from myid_notebook.callback import receiver
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.machine.ports import bind_exclusively
from myid_notebook.machine.processes import machine_name

LOOKS = receiver._ATTEMPTS_PER_HOLDER_CHECK  # noqa: SLF001 - the rule is in attempts


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports that were tried, one after the other in no time."""
    tried: list[int] = []

    def bind(host: str, port: int) -> list[socket.socket]:
        tried.append(port)
        return bind_exclusively(host, port)

    monkeypatch.setattr(receiver, "BIND_INTERVAL", 0.0)
    monkeypatch.setattr(receiver, "bind_exclusively", bind)
    return tried


def wait_in_vain(uri: str, attempts: list[int], most: int) -> list[int]:
    """Wait for so many attempts, and return after which of them a another program was reported."""
    told: list[int] = []

    async def wait() -> None:
        waiting = asyncio.ensure_future(
            receiver.wait_for_port(uri, lambda _: told.append(len(attempts)))
        )
        while len(attempts) < most:  # noqa: ASYNC110 - attempts are what is waited for
            await asyncio.sleep(0)
        waiting.cancel()

    with socket.create_server(("127.0.0.1", int(uri.split(":")[2].partition("/")[0]))):
        asyncio.run(wait())
    return told


def test_another_program_is_reported_once(attempts: list[int]) -> None:
    """Not at the first check: the sign-in that held the port may just be ending."""
    uri = f"http://127.0.0.1:{free_port()}/cb"

    assert [2 * LOOKS] == wait_in_vain(uri, attempts, 6 * LOOKS)


def test_pending_sign_in_is_not_reported(attempts: list[int]) -> None:
    """However long it holds the port, because it passes redirects on."""
    uri = f"http://127.0.0.1:{free_port()}/cb"
    Rendezvous(
        port=1, relay_key="k", pid=os.getpid(), host=machine_name(), lifetime=60, bound=uri
    ).write("of the other")

    assert [] == wait_in_vain(uri, attempts, 6 * LOOKS)
