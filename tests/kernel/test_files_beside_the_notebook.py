"""``%myid_login --sandbox`` beside files that have names of modules."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter.kernel import LocalKernel, follow
from support.machine.ports import free_port

NAMES = ("secrets", "random", "json", "uvicorn", "fastapi", "users", "sitecustomize")
"""Modules that the sandbox imports, and two that a person is likely to have."""


@pytest.fixture(params=["", "."], ids=["no PYTHONPATH", "PYTHONPATH=."])
def kernel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalKernel]:
    """A kernel that is then in a folder of such files."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError('{name} is not for import')")
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), request.param]))
    uri = f"http://localhost:{free_port()}/myid/callback"
    with LocalKernel({"MYID_REDIRECT_URI": uri, "PYTHONPATH": path}) as kernel:
        kernel.execute(f"%load_ext myid_notebook\nimport os\nos.chdir({str(tmp_path)!r})")
        yield kernel


def test_sandbox_starts(kernel: LocalKernel) -> None:
    """The sandbox imports none of them."""
    cell = kernel.submit("%myid_login --sandbox")
    follow(cell)

    assert [] == cell.finish().errors


FAILING = "import sys\nkept, sys.executable = sys.executable, {program!r}"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("for n in 1 2 3 4 5; do echo line $n; done", "The end of its output: line 3 | line 4 | "),
        ("exit 3", "It wrote nothing."),
    ],
)
def test_message_is_what_it_wrote(
    kernel: LocalKernel, tmp_path: Path, script: str, words: str
) -> None:
    """A sandbox that does not start is described by its last lines, in one line."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    kernel.execute(FAILING.format(program=str(program)))

    outputs = kernel.execute("%myid_login --sandbox")

    ((name, message),) = outputs.errors
    assert ("SandboxUnavailable", 1) == (name, len(outputs.traceback.splitlines()))
    assert words in message
    assert "pip" not in message
