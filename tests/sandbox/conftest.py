"""A sandbox for the tests of the sandbox alone: other tests replace its default clients."""

from collections.abc import Iterator

import pytest
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import HandmadeClient


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    """The process, started once."""
    with SandboxProcess.start() as process:
        yield process


@pytest.fixture
def client(sandbox: SandboxProcess) -> HandmadeClient:
    """The default client of a clean sandbox."""
    return HandmadeClient(sandbox)


@pytest.fixture
def secret_client(sandbox: SandboxProcess) -> HandmadeClient:
    """A client of its own, to be changed and removed again."""
    return HandmadeClient(sandbox, "test.client", "http://127.0.0.1:5500/back")
