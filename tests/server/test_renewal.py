"""Kernels of one Jupyter server renew one sign-in, each refresh token once."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from support.jupyter.kernel import ServedKernel, follow, signed_in
from support.jupyter.served_notebook import Notebook
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess, register

SCOPE = "myid.rest.basic offline_access"
LIFETIME = 8
UNTIL_DUE = 4.2
"""Seconds until half of the life is over."""

Open = Callable[[str], ServedKernel]


@pytest.fixture(scope="module")
def server(sandbox_process: SandboxProcess) -> Iterator[JupyterProcess]:
    """A server whose kernels ask for refresh tokens."""
    process = JupyterProcess("server")
    process.environ |= register(sandbox_process).environ
    process.environ |= {"MYID_SCOPE": SCOPE, "MYID_SHARE": "server"}
    with process:
        yield process


@pytest.fixture
def open_notebook(server: JupyterProcess, sandbox: SandboxProcess) -> Iterator[Open]:
    """Opens a notebook; its token has a short life."""
    sandbox.faults(token_lifetime=LIFETIME)
    with ExitStack() as kernels:

        def start(path: str) -> ServedKernel:
            kernel = ServedKernel(Notebook(server, path))
            kernels.enter_context(kernel)
            kernel.execute("%load_ext myid_notebook")
            return kernel

        yield start


def test_one_sign_in(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """Two notebooks and a restarted kernel renew one sign-in in turn, until somebody signs out."""
    first, second = open_notebook("first.ipynb"), open_notebook("second.ipynb")
    assert "renews itself" in signed_in(first).shown
    assert "(from another notebook)" in second.execute("%myid_login").shown

    time.sleep(UNTIL_DUE)  # the life of a real token
    assert _works(first)
    time.sleep(LIFETIME)  # the new token is over, too, the sign-in is not
    sandbox.faults(token_lifetime=3600)
    assert _works(second)
    renewals = sandbox.status()["tokens_by_grant"]["refresh_token"]
    assert renewals >= 2
    assert _works(first)
    assert renewals == sandbox.status()["tokens_by_grant"]["refresh_token"]

    first.restart()
    shown = first.execute("%load_ext myid_notebook\n%myid_login").shown
    assert "(from before the restart)" in shown
    assert "renews itself" in shown
    status = sandbox.status()
    assert (1, 0) == (status["authorize_requests"], status["refresh_reused"])

    shown = second.execute("%myid_logout").shown
    assert "first.ipynb also uses this sign-in until its token ends: run %myid_logout" in shown
    assert _works(first)
    first.execute("import time\nlater = time.time() + 3600\nmyid.bearer._clock = lambda: later")
    assert "signed out in second.ipynb" in first.execute("myid.get('roles')").traceback


def test_one_question(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """When the sign-in of two notebooks has ended, one asks, and the other waits for that."""
    first, second = open_notebook("third.ipynb"), open_notebook("fourth.ipynb")
    signed_in(first, "%myid_login both")
    assert "(from another notebook)" in second.execute("%myid_login both").shown
    sandbox.faults(token_only="refresh_token", token_status=400, token_error="invalid_grant")
    time.sleep(LIFETIME)  # the store must see that the token is over, by its own clock

    asking = first.submit("%myid_login both")
    link = asking.link()
    waiting = second.submit("%myid_login both")
    time.sleep(1)  # in which it would have shown a link
    assert "" == waiting.outputs.link
    sandbox.faults(token_status=None, token_lifetime=3600)
    follow(asking)

    assert link
    assert "renews itself" in asking.finish().shown
    assert "(from another notebook)" in waiting.finish().shown
    assert 2 == sandbox.status()["authorize_requests"]


def test_killed_while_it_renews(open_notebook: Open, sandbox: SandboxProcess) -> None:
    """Another notebook uses the old token meanwhile, waits once that is over, and hears that the
    renewal broke off; it does not present the refresh token again.
    """
    sandbox.faults(token_lifetime=3600)
    first, second = open_notebook("seventh.ipynb"), open_notebook("eighth.ipynb")
    signed_in(first, "%myid_login myid")
    assert "(from another notebook)" in second.execute("%myid_login myid").shown
    pid = int(first.value("__import__('os').getpid()"))
    for kernel in (first, second):
        kernel.execute("import time\nmyid.bearer._clock = lambda: time.time() + 1900")
    sandbox.faults(token_only="refresh_token", token_delay=60)
    before = sandbox.status()["token_requests"]
    first.submit("myid.get('roles')")
    wait_until(lambda: sandbox.status()["token_requests"] > before)

    assert _works(second)
    second.execute("myid.bearer._clock = lambda: time.time() + 3600")
    waiting = second.submit("myid.get('roles')")
    os.kill(pid, signal.SIGKILL)

    assert "A renewal broke off" in waiting.finish().traceback
    assert before + 1 == sandbox.status()["token_requests"]


def test_all(open_notebook: Open) -> None:
    """A notebook ends every sign-in of the server, those that it does not use, too."""
    signed_in(open_notebook("fifth.ipynb"), "%myid_login one")
    second = open_notebook("sixth.ipynb")
    signed_in(second, "%myid_login two")

    shown = second.execute("%myid_logout --all").shown

    assert "Signed out. fifth.ipynb also uses" in shown
    assert "MyID may keep the refresh token" in shown
    assert "Nobody was signed in." in second.execute("%myid_logout --all").shown


def _works(kernel: ServedKernel) -> bool:
    return kernel.value("myid.get('roles').status_code") == "200"
