"""The limit of connections drops the oldest idle one, and no other."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from myid_notebook.callback import http_server
from myid_notebook.callback.http_server import Connections


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for two."""
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 2)


def run(story: Callable[[Connections, list[asyncio.Task[None]]], Awaitable[None]]) -> None:
    """Tell a story of four connections, which last until something ends them."""

    async def told() -> None:
        some = [asyncio.create_task(asyncio.sleep(60)) for _ in range(4)]
        await asyncio.sleep(0)
        await story(Connections(), some)
        for task in some:
            task.cancel()

    asyncio.run(told())


async def ended(some: list[asyncio.Task[None]]) -> list[bool]:
    """Return which have ended, after those that were told to had time to."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return [task.done() for task in some]


def test_oldest_idle_connection_is_dropped() -> None:
    """Each new connection above the limit drops one."""

    async def story(open_ones: Connections, some: list[asyncio.Task[None]]) -> None:
        for task in some:
            open_ones.add(task)
        assert [True, True, False, False] == await ended(some)

    run(story)


def test_busy_connection_stays() -> None:
    """A response under way is finished, however many connections come."""

    async def story(open_ones: Connections, some: list[asyncio.Task[None]]) -> None:
        open_ones.add(some[0])
        open_ones.mark_busy(some[0])
        open_ones.mark_busy(some[0])
        for task in some[1:]:
            open_ones.add(task)
        assert [False, True, True, False] == await ended(some)

    run(story)


def test_ended_connection_does_not_count() -> None:
    """It makes room for another, and is not cancelled again."""

    async def story(open_ones: Connections, some: list[asyncio.Task[None]]) -> None:
        open_ones.add(some[0])
        open_ones.remove(some[0])
        for task in some[1:3]:
            open_ones.add(task)
        assert [False] * 4 == await ended(some)
        open_ones.add(some[3])
        assert [False, True, False, False] == await ended(some)

    run(story)


def test_closing_ends_all_that_are_left() -> None:
    """After the grace nobody is served any more, and every task has ended, however it ends."""

    async def story(open_ones: Connections, some: list[asyncio.Task[None]]) -> None:
        async def fails() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                raise OSError("the connection is broken")

        some[1] = asyncio.create_task(fails())
        await asyncio.sleep(0)
        for task in some[:2]:
            open_ones.add(task)
            open_ones.mark_busy(task)
        await open_ones.close(0.01)
        assert [True, True, False, False] == [task.done() for task in some]

    run(story)
