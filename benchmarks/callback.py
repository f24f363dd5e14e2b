"""How many redirects a Jupyter server takes, while that many sign-ins are pending.

Each asks for the callback over 8 connections that stay open, and is beside an empty handler of the
same server. A redirect whose state nobody knows ends at the server; one that a pending sign-in
refuses is passed on to its process.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from harness import HERE, Bench, Reach, Table, run
from peers import CLIENT_ID, CLIENT_SECRET
from support.jupyter.server import JupyterProcess
from support.machine.ports import free_port

from myid_notebook.callback import rendezvous
from myid_notebook.callback.route import choose_route
from myid_notebook.machine import private_files
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import Settings, resolve
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

PENDING = (0, 100, 1_000, 10_000)
CONNECTIONS = 8
EMPTY = "an empty handler"


class Crowds:
    """Folders of rendezvous files, one of which is in use.

    Args:
        runtime_dir: of the Jupyter server.
        sizes: how many files each has.
    """

    def __init__(self, runtime_dir: Path, sizes: tuple[int, ...]) -> None:
        self._runtime_dir = runtime_dir
        self._used = -1
        for size in sizes:
            for number in range(size):
                self._write(number)
            private_files.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
            self._put_away(size)

    def _write(self, number: int) -> None:
        rendezvous.Rendezvous(port=9, key="key", valid_until=time.time() + 3600).write(
            f"state {number}"
        )

    def _put_away(self, size: int) -> None:
        private_files.folder().rename(self._runtime_dir / f"pending-{size}")
        self._used = -1

    def use(self, size: int) -> None:
        """Let the folder with that many files be the one in use."""
        if size != self._used:
            if self._used >= 0:
                self._put_away(self._used)
            (self._runtime_dir / f"pending-{size}").rename(private_files.folder())
            self._used = size

    def copy_to_all(self, path: Path) -> None:
        """Copy a file of the folder in use to the others."""
        for folder in self._runtime_dir.glob("pending-*"):
            shutil.copy2(path, folder)


def measure(bench: Bench) -> Iterator[Table]:
    """Ask the callback, then begin sign-ins."""
    sizes = PENDING[:2] if bench.smoke else PENDING
    enabled = ["--ServerApp.jpserver_extensions=bench_extension=True"]
    with JupyterProcess(arguments=enabled) as jupyter:
        os.environ["JUPYTER_RUNTIME_DIR"] = str(jupyter.runtime_dir)
        uri = f"{jupyter.url}myid/callback"
        environ = {
            "MYID_SERVER": "http://127.0.0.1:9",
            "MYID_CLIENT_ID": CLIENT_ID,
            "MYID_CLIENT_SECRET": CLIENT_SECRET,
            "MYID_ISSUER": "http://127.0.0.1:9",
            "MYID_REDIRECT_URI": uri,
        }
        settings = resolve({}, environ, {})
        crowds = Crowds(jupyter.runtime_dir, sizes)
        yield from compare_rates(bench, jupyter, settings, crowds, sizes)
        yield compare_beginnings(bench, environ, crowds, sizes)


def compare_rates(
    bench: Bench,
    jupyter: JupyterProcess,
    settings: Settings,
    crowds: Crowds,
    sizes: tuple[int, ...],
) -> Iterator[Table]:
    """Measure requests a second, and what the slowest of a hundred takes."""
    crowds.use(0)
    uri = str(settings.redirect_uri)
    sign_in = begun(settings)
    assert sign_in.request is not None
    files = private_files.folder().glob("*.json")
    crowds.copy_to_all(max(files, key=lambda path: path.stat().st_mtime))
    refused = urlencode({"state": sign_in.request.state})  # without a code; it stays pending
    slowest: dict[str, list[float]] = {}

    def rate(name: str, size: int, url: str) -> float:
        crowds.use(size)
        seconds = "0.05" if bench.smoke else "1"
        program = [sys.executable, str(HERE / "load.py"), seconds, str(CONNECTIONS), url]
        header = f"token {jupyter.token}"
        done = subprocess.run([*program, header], check=True, capture_output=True, timeout=60)
        took = json.loads(done.stdout)
        slowest.setdefault(name, []).append(quantiles(took, n=100)[98] * 1000)
        return len(took) / float(seconds)

    urls = {EMPTY: (0, f"{jupyter.url}bench/empty")}
    for size in sizes:
        urls[f"unknown state, {size:,} pending"] = (size, f"{uri}?code=c&state=unknown")
        urls[f"passed on, {size:,} pending"] = (size, f"{uri}?{refused}")
    contenders = {name: partial(rate, name, size, url) for name, (size, url) in urls.items()}
    samples, _ = bench.interleaved(contenders, 9, seconds=120)
    assert sign_in.pending
    sign_in.cancel(cancelled())
    table = Table("the callback of a Jupyter server", "requests/s", samples, EMPTY)
    for size in sizes:
        name = f"unknown state, {size:,} pending"
        table.reach(f"{name}: at least 70 % (empty handler at most 1.43)", EMPTY, 1.43, name)
    yield table
    slowest = {name: slowest[name][-len(row) :] for name, row in samples.items()}
    yield Table("the slowest of a hundred requests (p99)", "ms", slowest, EMPTY)


def begun(settings: Settings) -> SignIn:
    """Begin a sign-in."""
    route = choose_route(settings.redirect_uri, {}, paste=False)
    sign_in = SignIn(settings, route, BearerSession(settings.api_url))
    sign_in.start()
    return sign_in


def compare_beginnings(
    bench: Bench, environ: dict[str, str], crowds: Crowds, sizes: tuple[int, ...]
) -> Table:
    """Begin sign-ins at a port of this process, and end them."""

    def begin(size: int) -> float:
        crowds.use(size)
        own = resolve({}, {**environ, "MYID_REDIRECT_URI": f"http://localhost:{free_port()}/"}, {})
        started = time.perf_counter()
        sign_in = begun(own)
        took = (time.perf_counter() - started) * 1000
        sign_in.cancel(cancelled())
        return took

    contenders = {f"{size:,} pending": partial(begin, size) for size in sizes}
    samples, _ = bench.interleaved(contenders, 25, seconds=40)
    table = Table("beginning a sign-in", "ms", samples, "0 pending")
    for size in sizes[1:3]:
        pairs = zip(samples[f"{size:,} pending"], samples["0 pending"], strict=True)
        beyond = [many - none for many, none in pairs]
        text = f"{size:,} pending files cost at most 1 ms"
        table.reaches.append(Reach(text, beyond, 1, "ms"))
    return table


if __name__ == "__main__":
    run(measure)
