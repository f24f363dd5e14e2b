"""What ``myid.fetch`` does beside a plain loop, a thread pool and httpx.

The server answers each call after 30 ms, so the rows differ by how many calls are under way.
"""

import asyncio
import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import httpx
import requests
from support.values.oauth import TOKEN, token_response
from table import print_table, print_target
from to_pandas import record

from myid_notebook.explore.session import ExploringSession

ROUNDS, CALLS, DELAY, WORKERS = 9, 200, 0.03, 16
SLOW, INTERRUPTS = 3.0, 5
RECORDS = 10_000


@contextlib.contextmanager
def server(delay: float) -> Iterator[str]:
    """Run a server whose every answer is one record; yield the API base."""
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "body.json"
        body.write_text(json.dumps(record(1)))
        program = [sys.executable, Path(__file__).with_name("tiny_server.py"), str(delay), body]
        with subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/rest.core/api/"
            process.stdin.close()


def session_at(base: str) -> ExploringSession:
    """Return a session that is signed in there."""
    session = ExploringSession(base)
    session.sign_in(token_response())
    return session


def ways_to_call(base: str) -> dict[str, Callable[[], object]]:
    """Return each way to make the calls."""
    header = {"Authorization": f"Bearer {TOKEN}"}
    paths = [f"people/{number}" for number in range(CALLS)]
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
        "ThreadPoolExecutor over requests": pool,
        "myid.fetch": lambda: ours.fetch(paths, workers=WORKERS),
        "httpx.AsyncClient": lambda: asyncio.run(ask_all()),
        "plain loop": lambda: [one(path) for path in paths],
    }


def compare_speed() -> None:
    """Measure each way in turn, and ours against the pool pair by pair."""
    with server(DELAY) as base:
        ways = ways_to_call(base)
        samples: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                samples[name].append(time.perf_counter() - started)
    print_table(f"{CALLS} calls of {DELAY * 1000:.0f} ms, {WORKERS} at once", "s", samples)
    pool, ours, _, loop = samples.values()
    print_target("fetch over a thread pool, median of pairs", _ratio(ours, pool), 1.1, "times")
    print_target("fetch over the plain loop, median of pairs", _ratio(ours, loop), 1 / 12, "times")


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def compare_interrupts() -> None:
    """Interrupt calls that take long, and measure until control is back."""
    with server(SLOW) as base:
        ours, bare = session_at(base), requests.Session()
        paths = [f"people/{number}" for number in range(100)]

        def pool() -> None:
            with ThreadPoolExecutor(WORKERS) as executor:
                list(executor.map(lambda path: bare.get(base + path, timeout=60), paths[:WORKERS]))

        ways: dict[str, Callable[[], object]] = {
            "ThreadPoolExecutor over requests": pool,
            "myid.fetch": lambda: ours.fetch(paths, workers=WORKERS),
        }
        samples: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(INTERRUPTS):
            for name, way in ways.items():
                samples[name].append(_seconds_after_interrupt(way))
    print_table(f"From Interrupt to the prompt, calls of {SLOW:.0f} s", "s", samples)
    print_target("fetch, maximum", max(samples["myid.fetch"]), 0.2, "s")


def _seconds_after_interrupt(way: Callable[[], object]) -> float:
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.5, interrupt).start()
    with contextlib.suppress(KeyboardInterrupt):
        way()
    return time.perf_counter() - sent[0]


def compare_memory() -> None:
    """Compare what the rows take with what the records in them take."""
    body = json.dumps(record(1))
    paths = [f"people/{number}" for number in range(RECORDS)]
    records = _megabytes(lambda: [json.loads(body) for _ in paths])
    with server(0) as base:
        ours = session_at(base)
        ours.fetch(paths[:WORKERS])
        rows = _megabytes(lambda: ours.fetch(paths, workers=4))
    print(f"\n{RECORDS:,} records take {records:.1f} MB, the rows of fetch {rows:.1f} MB")
    print_target("rows over records", rows / records, 1.5, "times")


def _megabytes(make: Callable[[], object]) -> float:
    gc.collect()
    tracemalloc.start()
    made = make()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made
    return size / 1e6


if __name__ == "__main__":
    compare_speed()
    compare_interrupts()
    compare_memory()
