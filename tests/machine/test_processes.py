"""The pid namespace of this process."""

import os
import sys
from pathlib import Path

import pytest

from myid_notebook.machine.processes import pid_namespace


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
def test_namespace_of_process_ids() -> None:
    """It is the one in which this process counts."""
    assert os.readlink(f"/proc/{os.getpid()}/ns/pid") == pid_namespace()  # noqa: PTH115 - another way


def test_system_without_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """There all processes count together."""
    monkeypatch.setattr(Path, "readlink", lambda _: (_ for _ in ()).throw(FileNotFoundError()))

    assert "" == pid_namespace()
