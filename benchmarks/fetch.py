"""What ``myid.fetch`` does beside a plain loop, a thread pool and httpx.

The server sends each response after 30 ms, so the rows differ by how many calls are under way; or
at once, where the calls are many, so that they differ by what the client does.
"""

import asyncio
import contextlib
import gc
import json
import os
import signal
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import requests
from harness import Bench, Table, milliseconds, run, tiny_server
from peers import TOKEN
from support.values.oauth import token_response
from to_pandas import record

from myid_notebook.explore.session import MyIDSession

CALLS, DELAY, WORKERS, MANY = 200, 0.03, 16, 10_000
SLOW = 3.0
POOL, OURS, LOOP = "ThreadPoolExecutor over requests", "myid.fetch", "plain loop"
BODY = json.dumps(record(1))


def session_at(base: str) -> MyIDSession:
    """Return a session that is signed in there."""
    session = MyIDSession(base)
    session.sign_in(token_response())
    return session


def ways_to_call(base: str, calls: int) -> dict[str, Callable[[], object]]:
    """Return each way to make the calls."""
    header = {"Authorization": f"Bearer {TOKEN}"}
    paths = [f"people/{number}" for number in range(calls)]
    bare = requests.Session()
    bare.headers.update(header)
    bare.mount(base, requests.adapters.HTTPAdapter(pool_maxsize=WORKERS))
    ours = session_at(base)

    def one(path: str) -> object:
        return bare.get(base + path, timeout=60).json()

    def pool() -> object:
        with ThreadPoolExecutor(WORKERS) as executor:
            return list(executor.map(one, paths))

    async def ask_all() -> object:
        limits = httpx.Limits(max_connections=WORKERS)
        async with httpx.AsyncClient(headers=header, limits=limits, timeout=60) as client:
            responses = await asyncio.gather(*(client.get(base + path) for path in paths))
            return [response.json() for response in responses]

    return {
        POOL: pool,
        OURS: lambda: ours.fetch(paths, workers=WORKERS),
        "httpx.AsyncClient": lambda: asyncio.run(ask_all()),
        LOOP: lambda: [one(path) for path in paths],
    }


def compare_slow_calls(bench: Bench) -> Table:
    """Make calls that take a while."""
    calls = bench.count(CALLS, WORKERS)
    with tiny_server(BODY, DELAY) as server:
        ways = ways_to_call(f"{server}/rest.core/api/", calls)
        contenders = {name: partial(milliseconds, way) for name, way in ways.items()}
        samples, _ = bench.interleaved(contenders, 9, warm_up=0, seconds=90)
    title = f"{calls} calls of {DELAY * 1000:.0f} ms, {WORKERS} at once"
    table = Table(title, "ms", samples, POOL, OURS)
    table.reach("at most 1.1 times the thread pool", OURS, 1.1, POOL)
    table.reach("at most a twelfth of the loop", OURS, 1 / 12, LOOP)
    return table


def compare_many_calls(bench: Bench) -> Table:
    """Make many calls that take no time."""
    calls = bench.count(MANY, WORKERS)
    with tiny_server(BODY) as server:
        ways = ways_to_call(f"{server}/rest.core/api/", calls)
        del ways["httpx.AsyncClient"]  # it opens a task for each call at once: minutes
        contenders = {name: partial(milliseconds, way) for name, way in ways.items()}
        samples, _ = bench.interleaved(contenders, 3, warm_up=0)
    table = Table(f"{calls:,} calls of no time, {WORKERS} at once", "ms", samples, POOL, OURS)
    table.reach("at most 1.1 times the thread pool", OURS, 1.1, POOL)
    return table


def compare_interrupts(bench: Bench) -> Table:
    """Interrupt calls that take long, and measure until control is back."""
    with tiny_server(BODY, SLOW) as server:
        base = f"{server}/rest.core/api/"
        ours, bare = session_at(base), requests.Session()
        bare.headers["Authorization"] = f"Bearer {TOKEN}"
        paths = [f"people/{number}" for number in range(100)]

        def pool() -> None:
            with ThreadPoolExecutor(WORKERS) as executor:
                list(executor.map(lambda path: bare.get(base + path, timeout=60), paths[:WORKERS]))

        ways: dict[str, Callable[[], object]] = {
            POOL: pool,
            OURS: lambda: ours.fetch(paths, workers=WORKERS),
        }
        contenders = {name: partial(after_interrupt, way) for name, way in ways.items()}
        samples, _ = bench.interleaved(contenders, 5, warm_up=0)
    table = Table(f"Interrupt to the prompt, calls of {SLOW:.0f} s", "ms", samples, POOL, OURS)
    table.reach("at most 200 ms", OURS, 200)
    return table


def after_interrupt(way: Callable[[], object]) -> float:
    """Return the milliseconds from an interrupt to the end of what it interrupts."""
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.5, interrupt).start()
    with contextlib.suppress(KeyboardInterrupt):
        way()
    return (time.perf_counter() - sent[0]) * 1000


def compare_memory(bench: Bench) -> Table:
    """Compare what the rows take with what the records in them take."""
    calls = bench.count(MANY, WORKERS)
    paths = [f"people/{number}" for number in range(calls)]
    with tiny_server(BODY) as server:
        ours = session_at(f"{server}/rest.core/api/")
        ours.fetch(paths[:WORKERS])
        contenders: dict[str, Callable[[], float]] = {
            "the records": lambda: megabytes(lambda: [json.loads(BODY) for _ in paths]),
            OURS: lambda: megabytes(lambda: ours.fetch(paths, workers=4)),
        }
        samples, _ = bench.interleaved(contenders, 1, warm_up=0)
    table = Table(f"memory of {calls:,} records", "MB", samples, "the records", OURS)
    table.reach("at most 1.5 times the records", OURS, 1.5, "the records")
    return table


def megabytes(make: Callable[[], object]) -> float:
    """Return how much memory a result takes."""
    gc.collect()
    tracemalloc.start()
    made = make()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made
    return size / 1e6


def measure(bench: Bench) -> Iterator[Table]:
    """Compare speed, interrupts and memory."""
    yield compare_slow_calls(bench)
    yield compare_many_calls(bench)
    yield compare_interrupts(bench)
    yield compare_memory(bench)


if __name__ == "__main__":
    run(measure)
