"""Real kernels that are clients of the sandbox, without a Jupyter server."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
from support.jupyter.kernel import LocalKernel
from support.machine.leftovers import IN_KERNEL
from support.servers.sandbox import Registration, SandboxProcess, register

NAMES = ("myid", "audit", "other")
"""The variables that tests sign in as."""


@pytest.fixture(scope="session")
def client(sandbox_process: SandboxProcess) -> Registration:
    """The client that the kernels are, with a redirect URI at a free port of this machine."""
    return register(sandbox_process)


@pytest.fixture(scope="session")
def shared_kernel(client: Registration) -> Iterator[LocalKernel]:
    """One kernel for every test that leaves it as it was."""
    with LocalKernel(client.environ) as kernel:
        kernel.execute(f"%load_ext myid_notebook\n{IN_KERNEL}")
        yield kernel


@pytest.fixture(autouse=True)
def sandbox_reset(request: pytest.FixtureRequest) -> None:
    """Leave no fault of an earlier test in the sandbox, whichever fixture brings it in."""
    if "sandbox_process" in request.fixturenames:
        request.getfixturevalue("sandbox")


@pytest.fixture
def kernel(shared_kernel: LocalKernel, sandbox: SandboxProcess) -> Iterator[LocalKernel]:
    """The shared kernel, signed out."""
    assert sandbox.url
    yield shared_kernel
    if shared_kernel.busy:  # a test that failed left a cell waiting
        shared_kernel.interrupt()
    for name in NAMES:
        shared_kernel.execute(f"%myid_logout {name}\nglobals().pop({name!r}, None)")


@pytest.fixture
def start_kernel(
    client: Registration, sandbox: SandboxProcess
) -> Iterator[Callable[..., LocalKernel]]:
    """Starts a kernel of the test's own, with the extension loaded."""
    assert sandbox.url
    with ExitStack() as kernels:

        def start(environ: Mapping[str, str] | None = None, **options: object) -> LocalKernel:
            given = {**client.environ, **(environ or {})}
            kernel = kernels.enter_context(LocalKernel(given, **options))
            kernel.execute(f"%load_ext myid_notebook\n{IN_KERNEL}")
            return kernel

        yield start
