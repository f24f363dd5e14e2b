"""Building and installing run no code of ours; importing opens and starts nothing."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from support.values.project import ROOT, build_wheel, copy_source

TRIPWIRE = "\nimport os, pathlib\npathlib.Path(os.environ['MYID_TRIPWIRE']).touch()\n"
"""What a module leaves behind when it runs."""


STANDARD = set(sys.stdlib_module_names)


def test_building_and_installing_run_none_of_our_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each module would leave a mark if it ran; only the last step, an import, leaves it."""
    mark = tmp_path / "mark"
    monkeypatch.setenv("MYID_TRIPWIRE", str(mark))
    (source := tmp_path / "source").mkdir()
    for module in copy_source(source).rglob("myid_notebook/**/*.py"):
        module.write_text(module.read_text(encoding="utf-8") + TRIPWIRE, encoding="utf-8")
    (built := tmp_path / "built").mkdir()
    target = tmp_path / "target"

    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    wheel = build_wheel(source, built)
    subprocess.run([*pip, "--target", target, wheel], check=True, cwd=tmp_path)
    assert not mark.exists()

    paths = {**os.environ, "PYTHONPATH": str(target)}
    subprocess.run(
        [sys.executable, "-c", "import myid_notebook"], check=True, env=paths, cwd=tmp_path
    )
    assert mark.exists()


def test_nothing_hooks_into_the_build() -> None:
    """The backend is hatchling from PyPI, alone, without hooks and without code of this folder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    hatch = project["tool"]["hatch"]

    assert ["hatchling>=1.26"] == project["build-system"]["requires"]
    assert {"requires", "build-backend"} == set(project["build-system"])
    assert {"version", "build"} == set(hatch)
    assert {"targets"} == set(hatch["build"])
    assert {"packages", "shared-data"} == set(hatch["build"]["targets"]["wheel"])
    assert not list(ROOT.glob("hatch_build.py")) + list(ROOT.glob("setup.*"))


def test_nothing_in_the_wheel_runs_by_itself(wheel: Path) -> None:
    """No ``.pth`` file, no setup script: one console script, and a file that Jupyter reads."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
        said = archive.read(entry_points).decode().split()

    assert not [name for name in names if name.endswith((".pth", ".sh", ".exe", "setup.py"))]
    assert not [name for name in names if ".data/" in name and "/data/etc/jupyter/" not in name]
    assert ["[console_scripts]", "myid-notebook", "=", "myid_notebook.cli:main"] == said


AUDITED_IMPORT = """
import json, sys
import threading
happened = []
watched = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system",
           "urllib.", "http.", "webbrowser.")
sys.addaudithook(lambda event, _: happened.append(event) if event.startswith(watched) else None)
start = threading.Thread.start
def start_and_tell(thread):
    happened.append("a thread")
    start(thread)
threading.Thread.start = start_and_tell
before = set(sys.modules)
exec(sys.argv[1])
print(json.dumps([happened, sorted(set(sys.modules) - before)]))
"""


def _audited(code: str) -> tuple[list[str], set[str]]:
    """Return what code did of all that opens or starts something, and the modules it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", AUDITED_IMPORT, code], check=True, capture_output=True, text=True
    )
    happened, loaded = json.loads(done.stdout)
    return happened, set(loaded)


def test_import_opens_and_starts_nothing() -> None:
    """No socket, thread or process, and nothing but the standard library is loaded."""
    happened, loaded = _audited("import myid_notebook")

    assert [] == happened
    assert {"myid_notebook"} == {name.partition(".")[0] for name in loaded} - STANDARD


def test_watch_sees_what_happens() -> None:
    """The same watch notices a socket, a thread and a process."""
    happened, _ = _audited(
        "import socket, subprocess, sys\n"
        "socket.socket().close()\n"
        "threading.Thread(target=print).start()\n"
        "subprocess.run([sys.executable, '-c', ''])"
    )

    assert {"socket.__new__", "a thread", "subprocess.Popen"} <= set(happened)
