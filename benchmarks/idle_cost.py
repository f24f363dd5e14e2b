"""What a sign-in costs that waits: threads, memory, and its share of a core.

Once in a plain process, pending without a front end, and once in a real kernel whose cell waits
with the widget and its countdown on screen. The idle rows are the same processes without a sign-in.
"""

import gc
import os
import tempfile
import threading
import time

import psutil
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration, SandboxProcess, register
from table import print_target

from myid_notebook.callback.route import choose_route
from myid_notebook.session.session import MyIDSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

SECONDS = 10.0
PENDING = 10
"""Sign-ins at once whose memory is measured, for one alone is lost in the allocator's noise."""


def core_share(process: psutil.Process) -> float:
    """Return the percentage of a core that a process uses."""
    before = process.cpu_times()
    time.sleep(SECONDS)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / SECONDS * 100


def kilobytes() -> float:
    """Return this process's resident memory."""
    gc.collect()
    return psutil.Process().memory_info().rss / 1024


def begin(client: Registration, session: MyIDSession) -> SignIn:
    """Begin a sign-in without a front end; its session is not what it costs to wait."""
    settings = resolve({}, client.environ, {})
    login = SignIn(
        settings, choose_route(client.redirect_uri, {}, paste=False), session, timeout=900
    )
    login.start()
    return login


def in_this_process(sandbox: SandboxProcess) -> None:
    """Measure sign-ins that wait in this process."""
    session = MyIDSession(sandbox.url)
    begin(register(sandbox), session).cancel(cancelled())  # imports and caches, once
    threads, memory = threading.active_count(), kilobytes()
    pending = [begin(register(sandbox), session) for _ in range(PENDING)]
    more_threads = (threading.active_count() - threads) / PENDING
    more_memory = (kilobytes() - memory) / PENDING
    share = core_share(psutil.Process()) / PENDING
    for login in pending:
        login.cancel(cancelled())
    print(f"\nA sign-in that waits in a plain process, each of {PENDING}")
    print(f"threads {more_threads:+.1f}   memory {more_memory:+.0f} kB   core {share:.3f} %")
    print_target("threads of a pending sign-in", more_threads, 1, "threads")
    print_target("memory of a pending sign-in", more_memory, 1024, "kB")
    print_target("core of a pending sign-in", share, 1, "%")


def in_a_kernel(sandbox: SandboxProcess) -> None:
    """Measure a cell that waits in a kernel."""
    with JupyterProcess() as jupyter, ServedKernel(jupyter) as kernel:
        client = register(sandbox, f"{jupyter.url}myid/callback")
        kernel.execute("%load_ext myid_notebook\nimport os, ipywidgets, requests")
        kernel.execute(f"os.environ.update({client.environ!r})")
        kernel.execute("%myid_login --wait --timeout 0.5")  # imports and caches, once
        process = psutil.Process(int(kernel.value("os.getpid()")))
        threads, idle = process.num_threads(), core_share(process)
        cell = kernel.submit("%myid_login --timeout 900")
        cell.wait_for(lambda: bool(cell.outputs.displays), 30)
        more_threads, waiting = process.num_threads() - threads, core_share(process)
        kernel.interrupt()
        cell.wait_for(lambda: cell.done, 30)
    print("\nA cell that waits in a kernel, with its widget")
    print(f"threads {more_threads:+d}   core {waiting:.2f} %   the idle kernel {idle:.2f} %")
    print_target("core of a waiting cell beyond the idle kernel", waiting - idle, 1, "%")


def main() -> None:
    """Measure both."""
    with SandboxProcess.start() as sandbox, tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        in_this_process(sandbox)
        in_a_kernel(sandbox)


if __name__ == "__main__":
    main()
