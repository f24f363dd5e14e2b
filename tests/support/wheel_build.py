"""Building the wheel from this folder, or from a copy of it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build_wheel(source: Path, folder: Path) -> Path:
    """Build a wheel with pip; the build backend is fetched where it is missing.

    Args:
        source: what ``pyproject.toml`` is in.
        folder: where the wheel goes; empty.
    """
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    if find_spec("hatchling"):
        pip += ["--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, source], check=True, cwd=folder)
    (built,) = folder.iterdir()
    return built
