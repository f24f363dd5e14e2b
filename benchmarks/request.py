"""What a request through ``MyIDSession`` costs beside a bare ``requests.Session`` and the peers.

The server does nothing and the connection stays open, so the rows differ by what the client does.
No session can be faster than its adapter alone, which is urllib3 and ``http.client``; it has a row
of its own.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests
from harness import Bench, Table, run, tiny_server
from peers import TOKEN, as_absent, requesting
from support.values.oauth import token_response

from myid_notebook.explore.session import MyIDSession

BARE, OURS = "requests.Session, header set once", "MyIDSession"
ADAPTER = "MyIDSession, its adapter alone"
REQUESTS = 30


def microseconds(get: Callable[[str], Any], url: str) -> float:
    """Return the mean time of a request."""
    started = time.perf_counter()
    for _ in range(REQUESTS):
        get(url)
    return (time.perf_counter() - started) / REQUESTS * 1e6


def of_peer(make: Callable[[], Callable[[str], Any]], url: str) -> Callable[[], float]:
    """Return what measures a peer, which is made at the first time."""
    made: list[Callable[[str], Any]] = []

    def once() -> float:
        with as_absent():
            if not made:
                made.append(make())
            return microseconds(made[0], url)

    return once


def measure(bench: Bench) -> Iterator[Table]:
    """Send the same request through each."""
    with tiny_server() as server:
        base = f"{server}/rest.core/api/"
        url = f"{base}people"
        header = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        with requests.Session() as bare, MyIDSession(base) as ours:
            bare.headers.update(header)
            ours.sign_in(token_response())
            peers = {name: of_peer(make, url) for name, make in requesting(server).items()}
            prepared = ours.prepare_request(requests.Request("GET", url))
            adapter = ours.get_adapter(url)

            def through_adapter(_: str) -> bytes | None:
                return adapter.send(prepared, timeout=60).content

            rows: dict[str, Callable[[], float]] = {
                BARE: partial(microseconds, bare.get, url),
                OURS: partial(microseconds, ours.get, url),
                ADAPTER: partial(microseconds, through_adapter, url),
                "requests.get, header each time": partial(
                    microseconds, partial(requests.get, headers=header, timeout=60), url
                ),
                **peers,
            }
            samples, absent = bench.interleaved(rows, 100, peers=peers, seconds=90)
    table = Table(f"one request, mean of {REQUESTS}", "µs", samples, BARE, OURS, absent)
    table.reach("not slower than the bare session", OURS, 1, BARE)
    table.ahead(OURS, peers)
    yield table


if __name__ == "__main__":
    run(measure)
