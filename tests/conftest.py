"""One sandbox for all tests, clean at the start of each."""

from collections.abc import Iterator

import pytest
from support.sandbox_process import SandboxProcess


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    """The process, started once."""
    with SandboxProcess.start() as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """The process, reset."""
    sandbox_process.reset()
    return sandbox_process
