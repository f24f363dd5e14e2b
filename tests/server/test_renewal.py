"""Kernels of one Jupyter server renew one sign-in, each refresh token once."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests
from support.jupyter.kernel import ServedKernel, signed_in
from support.jupyter.served_notebook import Notebook
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import SandboxProcess, register

SCOPE = "myid.rest.basic offline_access"
LIFETIME = 8
UNTIL_DUE = 4.2
"""Seconds until half of the life is over."""

Open = Callable[[str], ServedKernel]


@pytest.fixture
def open_notebook(sandbox: SandboxProcess) -> Iterator[Open]:
    """Opens a notebook of a server whose kernels ask for refresh tokens."""
    server = JupyterProcess("server")
    server.environ |= {**register(sandbox).environ, "MYID_SCOPE": SCOPE, "MYID_SHARE": "server"}
    sandbox.faults(token_lifetime=LIFETIME)
    with server, ExitStack() as kernels:

        def start(path: str) -> ServedKernel:
            kernel = ServedKernel(Notebook(server, path))
            kernels.enter_context(contextlib.suppress(requests.ConnectionError))
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
    assert _works(second)
    assert (1, 2, 0) == _counts(sandbox)

    first.restart()
    shown = first.execute("%load_ext myid_notebook\n%myid_login").shown
    assert "(from before the restart)" in shown
    assert "renews itself" in shown
    assert _works(first)
    assert (1, 2, 0) == _counts(sandbox)

    shown = second.execute("%myid_logout").shown
    assert "first.ipynb also uses this sign-in until its token ends: run %myid_logout" in shown
    assert _works(first)
    time.sleep(UNTIL_DUE)
    assert "signed out in second.ipynb" in first.execute("myid.get('roles')").traceback
    assert (1, 2, 0) == _counts(sandbox)


def _works(kernel: ServedKernel) -> bool:
    return kernel.value("myid.get('roles').status_code") == "200"


def _counts(sandbox: SandboxProcess) -> tuple[int, int, int]:
    status = sandbox.status()
    renewals = status["tokens_by_grant"].get("refresh_token", 0)
    return status["authorize_requests"], renewals, status["refresh_reused"]
