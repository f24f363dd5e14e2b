"""``%myid_login --sandbox``: a sandbox of this kernel's own."""

import sys
from collections.abc import Iterator

import psutil
import pytest
from support.browser.callback_page import open_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.machine.leftovers import IN_KERNEL
from support.machine.ports import free_port
from support.machine.threads import wait_until
from support.servers.sandbox_client import query_of

REAL = {
    "MYID_SERVER": "https://myid.example.com",
    "MYID_CLIENT_ID": "myid.notebook",
    "MYID_CLIENT_SECRET": "the-real-secret",
    "MYID_SCOPE": "a-real-scope offline_access",
    "MYID_ACCESS_TOKEN": "the-real-token",
}
"""Settings for a real MyID."""


@pytest.fixture
def kernel() -> Iterator[LocalKernel]:
    """A kernel that is set up for a real MyID, and runs no sandbox yet."""
    uri = f"http://localhost:{free_port()}/myid/callback"
    with LocalKernel({**REAL, "MYID_REDIRECT_URI": uri}) as kernel:
        kernel.execute("%load_ext myid_notebook")
        yield kernel


def _sandbox_pid(kernel: LocalKernel) -> int:
    children = psutil.Process(kernel.pid).children()
    (pid,) = (each.pid for each in children if "myid_notebook.sandbox" in each.cmdline())
    return pid


def test_sandbox_ends_with_its_kernel(kernel: LocalKernel) -> None:
    """The sandbox is started once, signs in without any setting, and dies with a killed kernel."""
    cell = kernel.submit("%myid_login --sandbox")
    link = cell.link()
    assert "“jane.doe” and the answers “blue” and “rover”" in cell.outputs.shown
    assert "Signed in to MyID" == open_page(finish_sign_in(link)).title
    assert "Signed in as Jane Doe" in cell.finish().shown
    pid = _sandbox_pid(kernel)
    kernel.execute("%myid_login --sandbox --force --no-wait")
    assert pid == _sandbox_pid(kernel)

    kernel.kill()

    wait_until(lambda: not psutil.pid_exists(pid))


def test_nothing_of_the_real_myid_goes_there(kernel: LocalKernel) -> None:
    """Token, client, address and scope of the real MyID stay out of a sign-in to the sandbox.

    But for the scope that asks for a refresh token.
    """
    link = kernel.submit("%myid_login --sandbox --no-wait").link()

    assert link.startswith("http://127.0.0.1:")
    assert "myid.rest.basic offline_access" == query_of(link)["scope"]
    assert "False" == kernel.value("myid.signed_in")


def test_interrupt_leaves_the_sandbox_running(kernel: LocalKernel) -> None:
    """An interrupt, which goes to the kernel's whole process group, ends the wait only."""
    cell = kernel.submit("%myid_login --sandbox")
    cell.link()
    kernel.interrupt()
    assert ["SignInInterrupted"] == [name for name, _ in cell.finish().errors]

    assert psutil.pid_exists(_sandbox_pid(kernel))
    assert kernel.submit("%myid_login --sandbox --no-wait").link()


# A private name, because nothing else runs between the start of the process and its first line.
HALF_STARTED = """
import os, signal
from myid_notebook.kernel import sandbox
ready_url = sandbox._ready_url
def interrupted(process):
    sandbox._ready_url = ready_url
    print(process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    return ready_url(process)
sandbox._ready_url = interrupted
"""


def test_interrupt_while_the_sandbox_starts(kernel: LocalKernel) -> None:
    """What was half started is ended, and the next --sandbox works."""
    kernel.execute(HALF_STARTED)

    outputs = kernel.execute("%myid_login --sandbox")

    assert ["SignInInterrupted"] == [name for name, _ in outputs.errors]
    wait_until(lambda: not psutil.pid_exists(int(outputs.text)))
    assert kernel.submit("%myid_login --sandbox --no-wait").link().startswith("http://127.0.0.1:")


def test_sandbox_that_does_not_start(kernel: LocalKernel) -> None:
    """It is one line, and the next --sandbox, with its cause gone, works."""
    kernel.execute("import sys\nkept, sys.executable = sys.executable, '/bin/false'")
    outputs = kernel.execute("%myid_login --sandbox")
    assert ["SandboxUnavailable"] == [name for name, _ in outputs.errors]
    kernel.execute("sys.executable = kept")

    assert kernel.submit("%myid_login --sandbox --no-wait").link().startswith("http://127.0.0.1:")


def test_sandbox_that_is_gone_before_the_link(kernel: LocalKernel) -> None:
    """A sign-in whose sandbox ends before the link is shown leaves nothing pending."""
    kernel.execute(f"{IN_KERNEL}\nbefore = leftovers()")
    kernel.execute(
        "from myid_notebook.kernel import sandbox as module\n"
        "advice = module.SandboxProcess.advice\n"
        "def gone(sandbox):\n"
        "    sandbox.stop()\n"
        "    return advice(sandbox)\n"
        "module.SandboxProcess.advice = gone"
    )

    outputs = kernel.execute("%myid_login --sandbox")

    assert ["SandboxUnavailable"] == [name for name, _ in outputs.errors]
    assert "False" == kernel.value("any(t.startswith('myid-login') for t in leftovers())")
    # A thread that has read the end of the sandbox's output may take a moment to end.
    wait_until(lambda: kernel.value("[t for t in leftovers() if t not in before]") == "[]")


PIPES = """
import os, psutil, threading
us = psutil.Process()
def pipes():
    folder = "/proc/self/fd"
    with os.scandir(folder) as files:
        names = [each.path for each in files]
    links = [os.readlink(name) for name in names if os.path.lexists(name)]
    return sorted(link for link in links if link.startswith("pipe:"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a thread's stack as on Linux")
def test_no_thread_to_read_its_output_in(kernel: LocalKernel) -> None:
    """One line says so, and nothing of that sandbox is left; the next one starts."""
    kernel.execute(PIPES)
    left = "[each.pid for each in us.children()], pipes()"
    before = kernel.value(left)
    kernel.execute("usual = threading.stack_size(2**47 - 2**20)")
    outputs = kernel.execute("%myid_login --sandbox --no-wait")
    kernel.execute("threading.stack_size(usual)")

    assert ["SandboxUnavailable"] == [name for name, _ in outputs.errors]
    assert "could not start a thread" in outputs.traceback
    assert 1 == len(outputs.traceback.splitlines())
    assert before == kernel.value(left)
    assert kernel.submit("%myid_login --sandbox --no-wait").link()
