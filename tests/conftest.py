"""What many tests stand on: the sandbox, a client, a folder; properties judged by rule alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from support.registration import Registration, register
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


@pytest.fixture
def registration(sandbox: SandboxProcess) -> Registration:
    """A client whose redirect URI is at a free port of this machine."""
    return register(sandbox)


@pytest.fixture
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter runtime folder of the test's own."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"
