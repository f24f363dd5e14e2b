"""What a request through ``MyIDSession`` costs beside a bare ``requests.Session``.

The server does nothing and the connection stays open, so the rows differ by what the client does.
A session whose token is shared looks at the time of the token store's file besides.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests
from support.values.oauth import TOKEN, signed_in_session
from table import print_table, print_target

from myid_notebook.token_store.client import StoreClient
from myid_notebook.token_store.watch import StoreWatch

ROUNDS, REQUESTS = 100, 30


def microseconds(get: Callable[[], object]) -> float:
    """Return the mean time of a request."""
    started = time.perf_counter()
    for _ in range(REQUESTS):
        get()
    return (time.perf_counter() - started) / REQUESTS * 1e6


def main() -> None:
    """Measure in turn and compare the minima, which a busy machine disturbs least."""
    program = [sys.executable, Path(__file__).with_name("tiny_server.py")]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        base = f"http://127.0.0.1:{int(server.stdout.readline())}/rest.core/api/"
        url = f"{base}people"
        header = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        with (
            requests.Session() as bare,
            signed_in_session(base) as ours,
            signed_in_session(base) as shared,
            tempfile.NamedTemporaryFile(suffix=".store") as file,
        ):
            bare.headers.update(header)
            store = StoreClient("notebook", Path(file.name))
            shared.bearer.watch = StoreWatch(store, store.last_change())
            rows: dict[str, Callable[[], object]] = {
                "requests.Session, header set once": lambda: bare.get(url, timeout=60),
                "MyIDSession": lambda: ours.get("people"),
                "MyIDSession, token shared": lambda: shared.get("people"),
                "requests.get, header each time": lambda: requests.get(
                    url, headers=header, timeout=60
                ),
            }
            samples: dict[str, list[float]] = {name: [] for name in rows}
            for _ in range(ROUNDS):
                for name, get in rows.items():
                    samples[name].append(microseconds(get))
        assert server.stdin is not None
        server.stdin.close()
    print_table(f"One request, mean of {REQUESTS}", "µs", samples)
    bare_row, our_row, shared_row, _ = samples.values()
    for name, row in (("MyIDSession", our_row), ("MyIDSession, token shared", shared_row)):
        ratio = min(row) / min(bare_row)
        print_target(f"{name}, over requests.Session, minima", ratio, 1.02, "times")


if __name__ == "__main__":
    main()
