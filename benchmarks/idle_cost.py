"""What a sign-in costs that waits: threads, memory, and its share of a core.

Once in a plain process, pending without a front end, and once in a real kernel whose cell waits
with the widget and its countdown on screen, beside the same kernel without a sign-in.
"""

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator

import psutil
from harness import Bench, Table, run
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until
from support.servers.sandbox import Registration, SandboxProcess, register

from myid_notebook.callback.route import choose_route
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

WAITING = "its cell waits, with the widget"
PENDING = 10
"""Sign-ins at once whose memory is measured, for one alone is lost in the allocator's noise."""


def core_share(process: psutil.Process, seconds: float) -> float:
    """Return the percentage of a core that a process uses."""
    before = process.cpu_times()
    time.sleep(seconds)
    after = process.cpu_times()
    return float(after.user + after.system - before.user - before.system) / seconds * 100


def kilobytes() -> float:
    """Return this process's resident memory."""
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1024


def begin(client: Registration, session: BearerSession) -> SignIn:
    """Begin a sign-in without a front end; its session is not what it costs to wait."""
    settings = resolve({}, client.environ, {})
    login = SignIn(
        settings, choose_route(client.redirect_uri, {}, paste=False), session, timeout=900
    )
    login.start()
    login.prepare()
    return login


def settled_threads() -> int:
    """Return how many threads there are once the short work of a beginning is done."""
    wait_until(lambda: all(each.name != "myid-http" for each in threading.enumerate()))
    return threading.active_count()


def in_this_process(sandbox: SandboxProcess, seconds: float) -> Iterator[Table]:
    """Measure sign-ins that wait in this process."""
    session = BearerSession(sandbox.url)
    begin(register(sandbox), session).cancel(cancelled())  # imports and caches, once
    threads, memory = settled_threads(), kilobytes()
    pending = [begin(register(sandbox), session) for _ in range(PENDING)]
    figures = {
        "threads": (settled_threads() - threads) / PENDING,
        "kB": (kilobytes() - memory) / PENDING,
        "% of a core": core_share(psutil.Process(), seconds) / PENDING,
    }
    for login in pending:
        login.cancel(cancelled())
    for (unit, value), limit in zip(figures.items(), (1, 1024, 1), strict=True):
        name = f"each of {PENDING}"
        table = Table("a sign-in that waits in a plain process", unit, {name: [value]}, "")
        table.reach(f"at most {limit:,} {unit}", name, limit)
        yield table


def in_a_kernel(sandbox: SandboxProcess, seconds: float) -> Table:
    """Measure a cell that waits in a kernel."""
    with JupyterProcess() as jupyter, ServedKernel(jupyter) as kernel:
        client = register(sandbox, f"{jupyter.url}myid/callback")
        kernel.execute("%load_ext myid_notebook\nimport os, ipywidgets, requests")
        kernel.execute(f"os.environ.update({client.environ!r})")
        kernel.execute("%myid_login --wait --timeout 0.5")  # imports and caches, once
        process = psutil.Process(int(kernel.value("os.getpid()")))
        idle = core_share(process, seconds)
        cell = kernel.submit("%myid_login --timeout 900")
        cell.wait_for(lambda: bool(cell.outputs.displays), 30)
        waiting = core_share(process, seconds)
        kernel.interrupt()
        cell.wait_for(lambda: cell.done, 30)
    samples = {"an idle kernel": [idle], WAITING: [waiting]}
    table = Table("a kernel", "% of a core", samples, "")
    table.reach("at most 1 % of a core", WAITING, 1)
    return table


def measure(bench: Bench) -> Iterator[Table]:
    """Measure both."""
    seconds = 0.1 if bench.smoke else 10.0
    with SandboxProcess.start() as sandbox, tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        yield from in_this_process(sandbox, seconds)
        yield in_a_kernel(sandbox, seconds)


if __name__ == "__main__":
    run(measure)
