"""The walk through the files in docs/architecture.md names functions that exist, in order."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "myid_notebook"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_step_exists() -> None:
    """Each step names a file, and a class or function that stands in it."""
    steps = re.findall(r"^\| (\d+) \| `([\w/.]+)` \| `([\w.]+)` \|", ARCHITECTURE, re.MULTILINE)

    assert [int(number) for number, _, _ in steps] == [*range(1, len(steps) + 1)]
    assert len(steps) >= 15
    for _, file, name in steps:
        text = (PACKAGE / file).read_text(encoding="utf-8")
        for part in name.split("."):
            assert re.search(rf"^ *(?:class|def|async def) {part}\b", text, re.MULTILINE), name


def test_every_file_exists() -> None:
    """Each module that the page names is in the package."""
    named = set(re.findall(r"`([\w/]+\.py)`", ARCHITECTURE))

    assert [] == sorted(file for file in named if not (PACKAGE / file).exists())


def test_every_layer_exists() -> None:
    """The page has the layers of the contract in pyproject.toml, in order."""
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("layers = [")[2]
    layers = re.findall(r'^  "(.*)",$', contract.partition("]")[0], re.MULTILINE)
    rows = re.findall(r"^\| ((?:`\w+`(?: · )?)+) \|", ARCHITECTURE, re.MULTILINE)

    expected = [re.findall(r"myid_notebook\.(\w+)", layer) for layer in layers]
    assert expected == [re.findall(r"`(\w+)`", row) for row in rows]


def test_what_runs_in_the_jupyter_server() -> None:
    """The page lists the modules that the server extension loads, besides its own."""
    program = (
        "import sys, myid_notebook.server.handlers, myid_notebook.server.saving\n"
        "import myid_notebook.server.token_store\n"
        "print(*(name for name in sys.modules if name.startswith('myid_notebook.')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    paths = {name.partition(".")[2].replace(".", "/") + ".py" for name in run.stdout.split()}
    loaded = {each for each in paths if (PACKAGE / each).exists()}
    besides = ARCHITECTURE.partition("what it needs besides is")[2].partition(".\n- **Kernel**")[0]

    assert set(re.findall(r"`([\w/]+\.py)`", besides)) == {
        each for each in loaded if not each.startswith("server/")
    }
