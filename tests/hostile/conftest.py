"""A listener to be tormented, in a runtime folder of the tests' own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.machine.threads import LoopThread
from support.servers.listener import ServedListener


@pytest.fixture(scope="module", autouse=True)
def runtime_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder; one for all examples of a property."""
    folder = tmp_path_factory.mktemp("runtime")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def served() -> Iterator[ServedListener]:
    """A listener."""
    with LoopThread() as loop, ServedListener(loop) as listener:
        yield listener
