"""What a thousand sign-ins in one process leave behind, and how long each takes.

In turn one is finished, one is cancelled, and one is left until it times out; a peer that offers
neither is only finished. Each contender has processes of its own. Memory is what the process has
more after the last than after the first hundred, in which everything is imported and cached.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
from harness import Bench, CannotDo, Table, company_bundle, run, tiny_server
from peers import (
    CLIENT_ID,
    CLIENT_SECRET,
    RESPONSE,
    SIGN_INS,
    Browser,
    Server,
    as_absent,
    send_redirect,
    unused_port,
    version,
)

from myid_notebook.callback.route import RouteKind, choose_route
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

OURS, BUNDLE = "myid_notebook", "myid_notebook, CA bundle"
PEERS = ("google-auth-oauthlib", "databricks-sdk")
FIRST = 100
ABANDONED = 0.001
"""Seconds until a sign-in that nobody finishes times out."""


def sign_in_of_ours(base: str, bundle: str) -> Callable[[int], float]:
    """Return what begins and ends one sign-in, by its number, and tells how long it took."""
    environ = {
        "MYID_SERVER": base,
        "MYID_CLIENT_ID": CLIENT_ID,
        "MYID_CLIENT_SECRET": CLIENT_SECRET,
        "MYID_REDIRECT_URI": f"http://localhost:{unused_port()}/",
        **({"MYID_CA_BUNDLE": bundle} if bundle else {}),
    }

    def one(number: int) -> float:
        started = time.perf_counter()
        settings = resolve({}, environ, {})
        route = choose_route(settings.redirect_uri, {}, paste=False)
        assert route.kind is RouteKind.OWN_PORT, route.reason
        session = BearerSession(settings.api_url, ca_bundle=settings.ca_bundle)
        timeout = ABANDONED if number % 3 == 2 else 300  # noqa: PLR2004 - the third kind
        sign_in = SignIn(settings, route, session, timeout=timeout)
        sign_in.start()
        sign_in.prepare()
        if number % 3 == 0:
            assert sign_in.request is not None
            state = parse_qs(urlsplit(sign_in.request.url).query)["state"][0]
            send_redirect(str(settings.redirect_uri), state)
            sign_in.wait()
            assert session.signed_in
        elif number % 3 == 1:
            sign_in.cancel(cancelled())
        else:
            sign_in.wait()
        session.close()
        return time.perf_counter() - started

    return one


def sign_in_of_peer(name: str, base: str) -> Callable[[int], float]:
    """Return what finishes one sign-in of a peer, and tells how many seconds it took."""
    browser = Browser(ready=0)

    def one(_: int) -> float:
        server = Server(base, unused_port())
        started = time.perf_counter()
        with as_absent():
            SIGN_INS[name](server, browser)
        took = time.perf_counter() - started
        browser.join()
        return took

    return one


def child(name: str, base: str, bundle: str, count: int) -> None:
    """Sign in again and again, and print what it took and left."""
    ours = name in {OURS, BUNDLE}
    one = sign_in_of_ours(base, bundle) if ours else sign_in_of_peer(name, base)
    first = min(FIRST, count // 2)
    for number in range(first):
        one(number)
    before = footprint()
    took = sum(one(number) for number in range(first, count)) / (count - first) * 1000
    time.sleep(1)  # what ends by itself has ended
    threads, sockets, memory = (
        after - earlier for after, earlier in zip(footprint(), before, strict=True)
    )
    print(json.dumps([took, memory, threads, sockets]))


def footprint() -> tuple[float, float, float]:
    """Return threads, sockets and resident megabytes of this process."""
    gc.collect()
    process = psutil.Process()
    sockets = len(process.net_connections("tcp"))
    return threading.active_count(), sockets, process.memory_info().rss / 1e6


def measure(bench: Bench) -> Iterator[Table]:
    """Sign in a thousand times in each process."""
    count = bench.count(1_000, 6)
    left: dict[str, dict[str, list[float]]] = {"MB": {}, "threads": {}, "sockets": {}}
    with tiny_server(RESPONSE) as base, tempfile.TemporaryDirectory() as folder:
        bundle, _ = company_bundle(Path(folder))
        environ = {**os.environ, "JUPYTER_RUNTIME_DIR": folder, "HOME": folder}

        def once(name: str) -> float:
            given = [name, base, bundle if name == BUNDLE else "", str(count)]
            done = subprocess.run(
                [sys.executable, __file__, "--child", *given],
                env=environ,
                check=False,
                capture_output=True,
                text=True,
                timeout=150,
            )
            if done.returncode:
                raise CannotDo(done.stderr.strip().splitlines()[-1].removeprefix("harness."))
            took, *rest = json.loads(done.stdout.splitlines()[-1])
            for kind, value in zip(left, rest, strict=True):
                left[kind].setdefault(name, []).append(value)
            return float(took)

        contenders = {name: partial(once, name) for name in (OURS, BUNDLE, *PEERS)}
        for name in PEERS:
            if not version(name):
                del contenders[name]
        samples, cannot = bench.interleaved(contenders, 3, peers=PEERS, warm_up=0, seconds=100)
    absent = {name: cannot.get(name, "not installed") for name in PEERS if name not in samples}
    table = Table(f"each of {count:,} sign-ins", "ms", samples, OURS, "", absent)
    table.reach("at most 5 ms", OURS, 5)
    table.reach("at most 5 ms with a CA bundle", BUNDLE, 5)
    yield table
    for kind, found in left.items():
        rows = {name: found[name] for name in samples}
        grown = Table(f"more after {count:,} sign-ins", kind, rows, "", "", absent)
        grown.reach("at most 1 MB" if kind == "MB" else f"no {kind}", OURS, float(kind == "MB"))
        yield grown


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _, _, name, base, bundle, count = sys.argv
        child(name, base, bundle, int(count))
    else:
        run(measure)
