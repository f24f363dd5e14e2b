"""What is installed is whole: package, types, and the file that enables the server extension."""

import re
import subprocess
import zipfile
from pathlib import Path

from support.values.project import ROOT, own_environment, pip

EXTENSION_FILE = "etc/jupyter/jupyter_server_config.d/myid_notebook.json"


def test_wheel_is_whole(wheel: Path) -> None:
    """Every module, the mark of its types, and the extension's configuration; no tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "myid_notebook").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }

    assert package <= names
    assert "myid_notebook/py.typed" in names
    assert [f"data/{EXTENSION_FILE}"] == [
        name.partition(".data/")[2] for name in names if ".data/" in name
    ]
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "notebooks/"))]


def test_installed_extension_is_enabled(wheel: Path, tmp_path: Path) -> None:
    """After ``pip install`` a Jupyter server loads the extension; nobody has to enable it."""
    environment = tmp_path / "environment"
    python = own_environment(environment)

    pip(python, "install", "--no-deps", "--ignore-installed", "--no-index", wheel)
    listed = subprocess.run(
        [python, "-m", "jupyter_server", "extension", "list"],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert (environment / EXTENSION_FILE).is_file()
    said = re.sub(r"\x1b\[\d+m", "", listed.stdout + listed.stderr)
    assert str(environment) in said
    assert "myid_notebook enabled" in said
    assert re.search(r"myid_notebook \S+ OK", said)
