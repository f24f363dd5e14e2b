"""A Jupyter runtime folder of the test's own, and an event loop to serve in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.machine.threads import LoopThread


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, which is not there yet; nothing outside of it is touched."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    """An event loop in a thread."""
    with LoopThread() as running:
        yield running
