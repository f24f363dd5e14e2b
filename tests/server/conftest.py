"""A real Jupyter server at an awkward base URL, whose kernels are a client of the sandbox."""

from collections.abc import Iterator

import pytest
from support.browser.jupyter_requests import LatencyProbe
from support.jupyter.kernel import LocalKernel, ServedKernel
from support.jupyter.server import LOGGING, JupyterProcess
from support.servers.http_server import RecordingServer
from support.servers.sandbox import Registration, SandboxProcess, register


@pytest.fixture(scope="session")
def callback(jupyter_unstarted: JupyterProcess, sandbox_process: SandboxProcess) -> Registration:
    """The client that is registered with the server's own callback."""
    return register(sandbox_process, f"{jupyter_unstarted.url}myid/callback")


@pytest.fixture(scope="session")
def jupyter_unstarted() -> JupyterProcess:
    """The server before it starts: its address is known."""
    return JupyterProcess("server", arguments=["--debug", f"--ServerApp.logging_config={LOGGING}"])


@pytest.fixture(scope="session")
def jupyter(jupyter_unstarted: JupyterProcess, callback: Registration) -> Iterator[JupyterProcess]:
    """The server; its kernels have every setting but the redirect URI."""
    environ = callback.environ
    del environ["MYID_REDIRECT_URI"]
    jupyter_unstarted.environ |= environ
    with jupyter_unstarted as server:
        yield server


@pytest.fixture
def probe(jupyter: JupyterProcess) -> LatencyProbe:
    """Asks the server for something else all the time, once it is entered."""
    return LatencyProbe(f"{jupyter.url}api/status", {"Authorization": f"token {jupyter.token}"})


@pytest.fixture(scope="session")
def at_most() -> float:
    """Seconds that another request may take, whatever the callback is doing.

    Alone it takes some 10 milliseconds at the most, 200 in the crowd of sign-ins; an overloaded
    machine was seen to stand still for more than a second, once. A loop that waits for a kernel,
    for MyID or for a disk stands still for as long as these do.
    """
    return 1.4


@pytest.fixture
def recorder(sandbox: SandboxProcess) -> Iterator[RecordingServer]:
    """The sandbox behind a server that remembers what was sent."""
    with RecordingServer(sandbox.url) as server:
        yield server


@pytest.fixture
def recorded_kernel(
    jupyter: JupyterProcess, callback: Registration, recorder: RecordingServer
) -> Iterator[LocalKernel]:
    """A kernel that the server did not start, whose code exchanges are recorded."""
    environ = {
        **callback.environ,
        "MYID_TOKEN_URL": f"{recorder.url}/web.oauth2/connect/token",
        "PYTHONFAULTHANDLER": "1",
    }
    with LocalKernel(environ, runtime_dir=jupyter.runtime_dir) as kernel:
        kernel.execute("%load_ext myid_notebook")
        yield kernel


@pytest.fixture
def kernel(jupyter: JupyterProcess, sandbox: SandboxProcess) -> Iterator[ServedKernel]:
    """A kernel of that server, with the extension loaded."""
    assert sandbox.url
    with ServedKernel(jupyter) as served:
        served.execute("%load_ext myid_notebook")
        yield served
