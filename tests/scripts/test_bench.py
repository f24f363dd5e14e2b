"""``scripts/bench --smoke``: every benchmark works, in the environment of the tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.values.project import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script for bash")

DOCUMENT, IMAGES = ROOT / "docs" / "performance.md", ROOT / "docs" / "images"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script with this Python first on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [ROOT / "scripts" / "bench", *arguments],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_smoke() -> None:
    """Every row comes to its end, and the document and its pictures stay as they are."""
    before = written()

    done = bench("--smoke")

    assert "rows work" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert before == written()


def test_unknown_row() -> None:
    """It is refused with the names of those that there are."""
    done = bench("--smoke", "no-such-row")

    assert 2 == done.returncode
    assert "load_ext" in done.stderr


def written() -> dict[Path, float]:
    """Return when each file of the document was written."""
    return {path: path.stat().st_mtime for path in (DOCUMENT, *IMAGES.iterdir())}
