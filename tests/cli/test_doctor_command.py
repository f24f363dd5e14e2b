"""The command ``myid-notebook``, as a person runs it."""

import os
import subprocess
import sys
from pathlib import Path

from support.registration import register
from support.sandbox_process import SandboxProcess

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
    assert "✓ token endpoint" in run.stdout
    assert '"RedirectUris"' in run.stdout


def test_doctor_finds_a_fault(tmp_path: Path) -> None:
    """Exit code 1 where a sign-in would fail; options are taken as %myid_login takes them."""
    run = _run(tmp_path, "doctor", "--server", "http://myid.example.com")

    assert (1, "") == (run.returncode, run.stderr)
    assert "only https is safe" in " ".join(run.stdout.split())


def test_version(tmp_path: Path) -> None:
    """``--version`` prints the package's version."""
    run = _run(tmp_path, "--version")

    assert (0, 2) == (run.returncode, run.stdout.count("."))
