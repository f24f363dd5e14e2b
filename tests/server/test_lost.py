"""What is restarted, killed or asleep in the middle of a sign-in, and what comes of it."""

import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from support.browser.callback_page import Visit, open_page
from support.browser.jupyter_requests import LatencyProbe
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until
from support.servers.http_server import RecordingServer
from support.servers.sandbox import Registration, SandboxProcess, register
from support.values.secrets import (
    answer_secrets,
    exchange_secrets,
    files_below,
    found,
    rendezvous_file,
)

LOGIN = "%load_ext myid_notebook\n%myid_login"


def test_server_restarted_meanwhile(sandbox: SandboxProcess) -> None:
    """The extension remembers nothing: a server that was killed and started anew while the user was
    at MyID's page finds the waiting kernel all the same.
    """
    with JupyterProcess("server") as jupyter:
        client = register(sandbox, f"{jupyter.url}myid/callback")
        with LocalKernel(client.environ, runtime_dir=jupyter.runtime_dir) as kernel:
            cell = kernel.submit(LOGIN)
            redirect = finish_sign_in(cell.link())

            jupyter.kill()
            jupyter.start()

            page = open_page(redirect, cookies=jupyter.cookies())
            assert "Signed in to MyID" == page.title
            assert "Signed in as Jane Doe" in cell.finish().shown


def connected_to(pid: int) -> set[int]:
    """Return the ports to which a process has connections."""
    return {each.raddr.port for each in psutil.Process(pid).net_connections("tcp") if each.raddr}


def written_below(*folders: Path) -> str:
    """Return names and contents of all files below some folders."""
    files = files_below(*folders)
    return f"{[*files]} " + " ".join(content.decode("latin-1") for content in files.values())


@pytest.mark.parametrize("exchanging", [False, True], ids=["waiting", "exchanging"])
def test_kernel_killed(
    jupyter: JupyterProcess,
    callback: Registration,
    recorded_kernel: LocalKernel,
    recorder: RecordingServer,
    sandbox: SandboxProcess,
    exchanging: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """The page says that nobody waits any more; the next sign-in sweeps what the kernel left.
    Neither the page nor the logs of server and kernel hold a secret, crash dump included, nor does
    any file that the kernel leaves, but for the relay key in its rendezvous file.
    """
    sandbox.faults(token_delay=30 if exchanging else 0)
    cell = recorded_kernel.submit("%myid_login")
    redirect = finish_sign_in(cell.link())
    left = rendezvous_file(jupyter.runtime_dir, redirect)
    secrets = answer_secrets(redirect, jupyter.runtime_dir)
    relay_key = {"relay key": secrets.pop("relay key")}
    if exchanging:
        visit = Visit(redirect, cookies=jupyter.cookies())
        cell.wait_for(lambda: sandbox.status()["token_requests"])
        secrets |= exchange_secrets(recorder.forms)
        os.kill(recorded_kernel.pid, signal.SIGSEGV)
        page = visit.page
        recorded_kernel.kill()  # a process that nobody has waited for still counts as one
    else:
        secrets |= {"client secret": callback.client_secret}
        recorded_kernel.kill()
        page = open_page(redirect, cookies=jupyter.cookies())

    assert "The notebook is no longer waiting" == page.title
    said = f"{page} {jupyter.log} {recorded_kernel.log.read_text()}"
    assert exchanging == ("Fatal Python error" in said)
    assert [] == found({**secrets, **relay_key}, said)
    assert left.exists()
    assert ["relay key"] == found(relay_key, written_below(jupyter.runtime_dir))
    assert [] == found(relay_key, written_below(recorded_kernel.home))
    assert [] == found(secrets, written_below(recorded_kernel.home, jupyter.runtime_dir))
    sandbox.reset()
    with LocalKernel(callback.environ, runtime_dir=jupyter.runtime_dir) as kernel:
        cell = kernel.submit(LOGIN)
        redirect = finish_sign_in(cell.link())
        wait_until(lambda: not left.exists())
        assert "Signed in to MyID" == open_page(redirect, cookies=jupyter.cookies()).title
        cell.finish()


SLEEP = """
import os, pathlib, signal, threading, time
from jupyter_core.paths import jupyter_runtime_dir
from myid_notebook.kernel.commands import registry
def sleep():
    folder = pathlib.Path(jupyter_runtime_dir(), "myid-notebook")
    while not (registry.records and [*folder.glob("*.json")]):
        time.sleep(0.01)
    (record,) = registry.records.values()
    while record.pending is None:
        time.sleep(0.01)
    sign_in = record.pending.sign_in
    pathlib.Path("link").write_text(sign_in.request.url)
    if sign_in.deadline.seconds_left:
        os.kill(os.getpid(), signal.SIGSTOP)
threading.Thread(target=sleep).start()
"""
"""A cell after which the kernel stops itself as soon as a sign-in is pending, whatever a busy
machine does meanwhile; its link is in a file.
"""


def test_kernel_that_slept_past_the_deadline(
    jupyter: JupyterProcess, callback: Registration, sandbox: SandboxProcess
) -> None:
    """A kernel that did not run when its time was over says so as soon as it runs again; the answer
    that came meanwhile is not taken any more, and the next sign-in works.
    """
    with LocalKernel(callback.environ, runtime_dir=jupyter.runtime_dir) as kernel:
        kernel.execute(SLEEP)
        cell = kernel.submit(f"{LOGIN} --timeout 3")
        process = psutil.Process(kernel.pid)
        wait_until(lambda: process.status() == psutil.STATUS_STOPPED, 60)
        over = time.monotonic() + 3
        redirect = finish_sign_in((kernel.home / "link").read_text())
        file = rendezvous_file(jupyter.runtime_dir, redirect)
        port = json.loads(file.read_text())["port"]
        visit = Visit(redirect, cookies=jupyter.cookies())
        try:
            wait_until(lambda: port in connected_to(jupyter.pid), 60)
            wait_until(lambda: time.monotonic() > over)
        finally:
            os.kill(kernel.pid, signal.SIGCONT)

        ((name, message),) = cell.finish().errors
        assert "SignInTimeout" == name
        assert "within 3 seconds" in message
        assert "Signed in to MyID" != visit.page.title
        assert 0 == sandbox.status()["token_requests"]
        again = kernel.submit("%myid_login")
        assert (
            "Signed in to MyID"
            == open_page(finish_sign_in(again.link()), cookies=jupyter.cookies()).title
        )
        again.finish()


@pytest.mark.alone
def test_other_requests_while_many_hang(
    jupyter: JupyterProcess,
    callback: Registration,
    sandbox: SandboxProcess,
    probe: LatencyProbe,
    at_most: float,
) -> None:
    """Eight answers that MyID keeps waiting do not slow down what else the server does: neither
    when they arrive, nor while they hang, nor when they are given up.
    """
    sandbox.faults(token_hang=True)
    with LocalKernel(callback.environ, runtime_dir=jupyter.runtime_dir) as kernel:
        kernel.execute("%load_ext myid_notebook")
        cells = [kernel.submit(f"%myid_login s{n} --no-wait --timeout 60") for n in range(8)]
        redirects = [finish_sign_in(cell.link()) for cell in cells]
        with probe:
            visits = [Visit(redirect, cookies=jupyter.cookies()) for redirect in redirects]
            wait_until(lambda: sandbox.status()["token_requests"] == len(visits))
            hanging_from = len(probe.took)
            wait_until(lambda: len(probe.took) > hanging_from + 20, 60)
            assert all(visit.under_way for visit in visits)
            kernel.execute("%unload_ext myid_notebook")
            assert {"Not signed in"} == {visit.page.title for visit in visits}

    assert probe.slowest < at_most
