"""A process that ``fork`` makes of a kernel: ``multiprocessing``, ``os.fork``."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping

import psutil
import pytest
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess, register

if not hasattr(os, "fork"):
    pytest.skip("there is no fork here", allow_module_level=True)

PARENT = """
import os, sys
from myid_notebook.kernel.commands import begin as begin_sign_in, registry
from myid_notebook.kernel.options import LoginOptions

def begin(**options):
    return begin_sign_in("myid", LoginOptions(wait=False, **options), lambda _: None)

def count():
    return len([each for each in registry.records.values() if each.pending])

begin({options})
pid = os.fork()
if pid == 0:
    {child}
os.waitpid(pid, 0)
sign_in = registry.records["myid"].pending.sign_in
print("parent:", sign_in.stage, sign_in.finished.done())
{afterwards}
"""
# Development mode for its warnings; on a busy machine its asyncio also says what took 0.1 seconds.
_QUIET = "import logging; logging.getLogger('asyncio').setLevel('ERROR')\n"
PYTHON = (sys.executable, "-X", "dev", "-c")


def run(program: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return what a Python program prints, and its standard error."""
    with subprocess.Popen(
        [*PYTHON, _QUIET + program],
        env={**os.environ, **environ, "JUPYTER_PLATFORM_DIRS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=100)
        finally:
            if process.poll() is None:  # with whatever it has forked
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "child",
    [
        pytest.param("sys.exit(0)", id="exit"),
        pytest.param(
            "print('had', registry.log_out('myid'), flush=True); os._exit(0)", id="logout"
        ),
        pytest.param("begin(); print(count(), flush=True); sys.exit(0)", id="login"),
    ],
)
def test_pending_sign_in_stays_with_the_parent(sandbox: SandboxProcess, child: str) -> None:
    """The child neither waits for a thread that is not there nor ends what goes on elsewhere."""
    program = PARENT.format(options="", child=child, afterwards="")

    said, errors = run(program, register(sandbox).environ)

    assert "parent: waiting for the redirect False" in said
    assert "" == errors


def test_turn_of_a_thread_that_is_not_there(sandbox: SandboxProcess) -> None:
    """Where another thread was just beginning a sign-in of that name, the child need not wait."""
    sandbox.faults(token_hang=True)
    program = (
        "import threading, time, requests\n"
        "from myid_notebook import login\n"
        "threading.Thread(daemon=True, target=lambda: login(\n"
        "    'myid', client_credentials=True, timeout=60)).start()\n"
        "status = os.environ['MYID_SERVER'] + '/sandbox/status'\n"
        "headers = {'X-Sandbox-Control': '1'}\n"
        "while not requests.get(status, headers=headers).json()['token_requests']:\n"
        "    time.sleep(0.01)\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    begin()\n"
        "    print('begun', flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
    )

    said, _ = run(PARENT.partition("begin({options})")[0] + program, register(sandbox).environ)

    assert "begun" in said


def test_sandbox_stays_with_the_parent(sandbox: SandboxProcess) -> None:
    """The child's end does not end the parent's sandbox, and warns of nothing; the parent's does,
    though a child lives on.
    """
    assert sandbox.url
    program = PARENT.format(
        options="sandbox=True",
        child="sys.exit(0)",
        afterwards=(
            "child = os.fork()\n"
            "if child == 0:\n"
            "    import time; os.close(1); os.close(2); time.sleep(60); os._exit(0)\n"
            # Private names, because what the parent knows of its sandbox is what is tested.
            "process = registry.sandbox._process\n"
            "print('runs', process.poll(), process.pid, child, flush=True)\n"
            "os.kill(os.getpid(), 9)\n"
        ),
    )

    said, errors = run(program, {"MYID_REDIRECT_URI": register(sandbox).redirect_uri})

    *_, line = said.splitlines()
    runs, code, pid, child = line.split()
    try:
        assert ("runs", "None", "") == (runs, code, errors)
        wait_until(lambda: not alive(int(pid)))
        assert alive(int(child))
    finally:
        os.kill(int(child), signal.SIGKILL)


def alive(pid: int) -> bool:
    """Return whether a process exists and has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
