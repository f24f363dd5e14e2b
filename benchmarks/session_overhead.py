"""What a request through ``MyIDSession`` costs beside a bare ``requests.Session``.

The server does nothing and the connection stays open, so the rows differ by what the client does.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests
from support.values.oauth import TOKEN, signed_in_session
from table import print_table, print_target

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
        with requests.Session() as bare, signed_in_session(base) as ours:
            bare.headers.update(header)
            rows: dict[str, Callable[[], object]] = {
                "requests.Session, header set once": lambda: bare.get(url, timeout=60),
                "MyIDSession": lambda: ours.get("people"),
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
    bare_row, our_row, _ = samples.values()
    print_target(
        "MyIDSession over requests.Session, minima", min(our_row) / min(bare_row), 1.02, "times"
    )


if __name__ == "__main__":
    main()
