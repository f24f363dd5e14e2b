"""A real Jupyter server at an awkward base URL, whose kernels are a client of the sandbox."""

import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from support.jupyter_process import JupyterProcess
from support.registration import Registration, register
from support.sandbox_process import SandboxProcess
from support.served_kernel import ServedKernel


@pytest.fixture(scope="session")
def callback(jupyter_unstarted: JupyterProcess, sandbox_process: SandboxProcess) -> Registration:
    """The client that is registered with the server's own callback."""
    return register(sandbox_process, f"{jupyter_unstarted.url}myid/callback")


@pytest.fixture(scope="session")
def jupyter_unstarted() -> JupyterProcess:
    """The server before it starts: its address is known."""
    return JupyterProcess("server", arguments=["--debug"])


@pytest.fixture(scope="session")
def jupyter(jupyter_unstarted: JupyterProcess, callback: Registration) -> Iterator[JupyterProcess]:
    """The server; its kernels have every setting but the redirect URI."""
    environ = callback.environ
    del environ["MYID_REDIRECT_URI"]
    jupyter_unstarted.environ |= environ
    with jupyter_unstarted as server:
        yield server


@pytest.fixture
def median_latency(jupyter: JupyterProcess) -> Callable[[], float]:
    """Measures how long the server takes over a small request of another kind, in seconds."""

    def measure() -> float:
        took = []
        for _ in range(40):
            start = time.perf_counter()
            assert jupyter.ask("GET", "api/status").ok
            took.append(time.perf_counter() - start)
        return statistics.median(took)

    return measure


@pytest.fixture
def kernel(jupyter: JupyterProcess, sandbox: SandboxProcess) -> Iterator[ServedKernel]:
    """A kernel of that server, with the extension loaded."""
    assert sandbox.url
    with ServedKernel(jupyter) as served:
        served.execute("%load_ext myid_notebook")
        yield served
