"""One sandbox for all tests, clean at the start of each; properties judged by their rule alone."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
from support.sandbox_process import SandboxProcess

# A busy machine is no fault of the code. Where one run decides (CI), it tries what every run tries.
hypothesis.settings.register_profile("rules", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("rules")


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
