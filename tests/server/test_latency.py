"""The callback never stops the server's loop, whatever becomes of the answers it passes on."""

import os
import signal
from collections.abc import Iterator

import pytest
from support.browser.callback_page import Visit
from support.browser.jupyter_requests import LatencyProbe
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import LocalKernel
from support.jupyter.server import JupyterProcess
from support.machine.small_disk import fill, needs_mounts, small_disk
from support.machine.threads import wait_until
from support.servers.proxies import SocketProxy
from support.servers.sandbox import Registration, SandboxProcess

AT_ONCE = 3
"""Answers on their way at the same time."""


@pytest.fixture
def proxy(sandbox: SandboxProcess) -> Iterator[SocketProxy]:
    """The way to the token endpoint."""
    with SocketProxy(sandbox.url) as running:
        yield running


@pytest.fixture
def kernel(
    jupyter: JupyterProcess, callback: Registration, proxy: SocketProxy
) -> Iterator[LocalKernel]:
    """A kernel that the server did not start, so that nothing else happens to the server."""
    environ = {**callback.environ, "MYID_TOKEN_URL": f"{proxy.url}/web.oauth2/connect/token"}
    with LocalKernel(environ, runtime_dir=jupyter.runtime_dir) as started:
        started.execute("%load_ext myid_notebook")
        yield started


def redirects_of(kernel: LocalKernel) -> list[str]:
    """Begin sign-ins, and return where MyID sends the browser."""
    cells = [kernel.submit(f"%myid_login s{n} --no-wait --timeout 60") for n in range(AT_ONCE)]
    return [finish_sign_in(cell.link()) for cell in cells]


def titles_of(visits: list[Visit]) -> set[str]:
    """Wait for the pages, and return their headings."""
    return {visit.page.title for visit in visits}


@pytest.mark.alone
def test_other_requests_go_on(
    jupyter: JupyterProcess,
    kernel: LocalKernel,
    sandbox: SandboxProcess,
    probe: LatencyProbe,
    at_most: float,
) -> None:
    """While MyID takes seconds over the token, other requests to Jupyter are answered."""
    sandbox.faults(token_delay=3)
    redirects = redirects_of(kernel)

    with probe:
        visits = [Visit(redirect, cookies=jupyter.cookies()) for redirect in redirects]
        assert {"Signed in to MyID"} == titles_of(visits)

    assert len(probe.took) > 10
    assert probe.slowest < at_most


@pytest.mark.alone
@pytest.mark.parametrize("fault", ["refused", "reset_midway"])
def test_broken_answers(
    jupyter: JupyterProcess,
    kernel: LocalKernel,
    proxy: SocketProxy,
    probe: LatencyProbe,
    at_most: float,
    fault: str,
) -> None:
    """Nor do other requests wait for a token endpoint whose connections break."""
    redirects = redirects_of(kernel)
    proxy.fault = fault

    with probe:
        visits = [Visit(redirect, cookies=jupyter.cookies()) for redirect in redirects]
        assert {"Not signed in"} == titles_of(visits)

    assert probe.slowest < at_most


@pytest.mark.alone
def test_stopped_kernel(
    jupyter: JupyterProcess, kernel: LocalKernel, probe: LatencyProbe, at_most: float
) -> None:
    """Nor for a kernel that takes the connections and says nothing."""
    redirects = redirects_of(kernel)
    os.kill(kernel.pid, signal.SIGSTOP)

    try:
        with probe:
            before = len(probe.took)
            visits = [Visit(redirect, cookies=jupyter.cookies()) for redirect in redirects]
            wait_until(lambda: len(probe.took) > before + 50, 60)
            assert all(visit.under_way for visit in visits)
            os.kill(kernel.pid, signal.SIGCONT)
            assert {"Signed in to MyID"} == titles_of(visits)
    finally:
        os.kill(kernel.pid, signal.SIGCONT)

    assert probe.slowest < at_most


@pytest.mark.alone
def test_killed_kernel(
    jupyter: JupyterProcess, kernel: LocalKernel, probe: LatencyProbe, at_most: float
) -> None:
    """Nor for one that was killed, before the answer or after it."""
    redirects = redirects_of(kernel)
    os.kill(kernel.pid, signal.SIGSTOP)

    with probe:
        before = [Visit(redirect, cookies=jupyter.cookies()) for redirect in redirects[:-1]]
        wait_until(lambda: len(probe.took) > AT_ONCE)
        kernel.kill()
        after = Visit(redirects[-1], cookies=jupyter.cookies())
        assert {"The notebook is no longer waiting"} == titles_of([*before, after])

    assert probe.slowest < at_most


@pytest.mark.alone
@needs_mounts
def test_full_disk(
    jupyter: JupyterProcess, kernel: LocalKernel, probe: LatencyProbe, at_most: float
) -> None:
    """Nor for a disk that fills up while the user is at MyID's page."""
    folder = jupyter.runtime_dir / "myid-notebook"
    with small_disk(folder):
        (redirect, *_) = redirects_of(kernel)
        fill(folder)

        with probe:
            assert "Signed in to MyID" == Visit(redirect, cookies=jupyter.cookies()).page.title

    assert probe.slowest < at_most
