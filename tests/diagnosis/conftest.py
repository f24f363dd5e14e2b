"""A place to examine: a client registered with the sandbox, and folders of the test's own."""

from pathlib import Path

import pytest
from support.examination import Examine
from support.registration import Registration, register
from support.sandbox_process import SandboxProcess

from myid_notebook.diagnosis import Report, examine
from myid_notebook.diagnosis.place import Place


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter runtime folder of the test's own."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


@pytest.fixture
def registration(sandbox: SandboxProcess) -> Registration:
    """A client whose redirect URI is at a free port of this machine."""
    return register(sandbox)


@pytest.fixture
def examine_with(registration: Registration) -> Examine:
    """Examines that client's settings; a keyword changes an environment variable, None unsets."""

    def examine_one(**environ: str | None) -> Report:
        given = {**registration.environ, **environ}
        return examine(Place(environ={k: v for k, v in given.items() if v is not None}))

    return examine_one
