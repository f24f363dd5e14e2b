"""The command ``myid-notebook``, as a person runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers.sandbox import SandboxProcess, register

from myid_notebook.front_end import writable

COMMAND = Path(sys.executable).with_name("myid-notebook")


def _run(runtime_dir: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MYID_")}
    return subprocess.run(
        [COMMAND, *arguments],
        env={**clean, "JUPYTER_RUNTIME_DIR": str(runtime_dir), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_doctor_finds_nothing_wrong(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Exit code 0 and one line a check where a sign-in would work."""
    run = _run(tmp_path, "doctor", **register(sandbox).environ)

    assert (0, "") == (run.returncode, run.stderr)
    assert run.stdout.startswith("No problems found.\n")
    assert "✓ ok       token endpoint" in run.stdout
    assert '"RedirectUris"' in run.stdout


def test_doctor_finds_a_fault(tmp_path: Path) -> None:
    """Exit code 1 where a sign-in would fail; options are taken as %myid_login takes them."""
    run = _run(tmp_path, "doctor", "--server", "http://myid.example.com")

    assert (1, "") == (run.returncode, run.stderr)
    assert "must use https" in " ".join(run.stdout.split())


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "latin-1"])
def test_output_that_lacks_characters(tmp_path: Path, encoding: str) -> None:
    """Where output goes to a file, Windows writes a code page without a tick: it says so in words.

    What is not of the report itself stays legible too.
    """
    run = _run(
        tmp_path,
        "doctor",
        *("--server", "http://myid.example.com", "--scope", "\u4e2d"),
        PYTHONIOENCODING=encoding,
        PYTHONUTF8="0",
    )

    assert (1, "") == (run.returncode, run.stderr)
    marks = {" ".join(line.split()[:2]) for line in run.stdout.splitlines()}
    assert {"+ ok", "x problem"} <= marks
    assert marks & {"* note", "\u2022 note"}
    assert "\\u4e2d" in run.stdout
    assert "->" in run.stdout


@pytest.mark.parametrize("encoding", ["utf-8", None])
def test_output_that_takes_everything(encoding: str | None) -> None:
    """Nothing is changed there."""
    assert "✓ “→” …" == writable("✓ “→” …", encoding)


def test_version(tmp_path: Path) -> None:
    """``--version`` prints the package's version."""
    run = _run(tmp_path, "--version")

    assert (0, 2) == (run.returncode, run.stdout.count("."))
