"""Every block of code in the documents is run, or read by the program that it is for."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.jupyter.cell import Outputs
from support.jupyter.kernel import LocalKernel, follow
from support.servers.sandbox import SandboxProcess, register
from support.texts import DOCUMENTS
from support.values.project import ROOT

FILES = (*DOCUMENTS, "benchmarks/README.md", "tests/mutation.md")

RUN_HERE = (
    "README.md",
    "docs/first-sign-in.md",
    "docs/exploring.md",
    "docs/with-an-assistant.md",
)
"""Their Python is run below, block after block, in one notebook each."""

RUN_ELSEWHERE = {
    ("docs/cookbook.md", "python"): "tests/readme/test_cookbook.py",
    ("docs/cookbook.md", "text"): "tests/readme/test_cookbook.py",
    ("docs/jupyterhub.md", "python"): "tests/hub/test_documentation.py",
    ("docs/sandbox.md", "python"): "tests/sandbox/test_documentation.py",
}

NOT_RUN = {
    ("README.md", ""): "a drawing",
    ("docs/architecture.md", ""): "a drawing",
    ("docs/jupyterhub.md", ""): "two lines that tests/hub run with other settings",
}
"""What has no language that could be checked, and why it is not run."""


def blocks(file: str) -> list[tuple[str, str]]:
    """Return language and code of each fenced block of a document."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    assert len(found) == text.count("```") / 2, file
    return found


def every(language: str) -> list[tuple[str, str]]:
    """Return file and code of each block in a language."""
    return [(file, code) for file in FILES for each, code in blocks(file) if each == language]


def test_every_block_is_checked() -> None:
    """Each block is Python that runs, or JSON, TOML or shell; or it says here why not."""
    checked = {(file, "python") for file in RUN_HERE} | RUN_ELSEWHERE.keys() | NOT_RUN.keys()
    found = {(file, language) for file in FILES for language, _ in blocks(file)}

    left = {(file, language) for file, language in found - checked}
    assert {language for _, language in left} <= {"json", "toml", "sh"}, left
    assert [] == sorted(checked - found)
    for file in RUN_ELSEWHERE.values():
        assert (ROOT / file).exists()


@pytest.mark.parametrize(("file", "code"), every("json"))
def test_json(file: str, code: str) -> None:
    """It is one object."""
    assert isinstance(json.loads(code), dict), file


@pytest.mark.parametrize(("file", "code"), every("toml"))
def test_toml(file: str, code: str) -> None:
    """It has a default, which is one of its profiles."""
    found = tomllib.loads(code)
    assert found["default"] in found["profiles"], file


@pytest.mark.parametrize(("file", "code"), every("sh"))
def test_shell(file: str, code: str) -> None:
    """A shell can read it, and the scripts in it are there."""
    subprocess.run(["bash", "-n"], input=code, text=True, check=True, timeout=60)
    named = re.findall(r"(?<![\w/.])(?:scripts|benchmarks|tests)/[\w./-]+", code)
    assert [] == [name for name in named if not (ROOT / name).exists()], file


@pytest.fixture
def kernel(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[LocalKernel]:
    """A kernel with the settings of a person's environment, and a folder of its own."""
    with LocalKernel(register(sandbox).environ) as running:
        running.execute(f"import os; os.chdir({str(tmp_path)!r})")
        yield running


@pytest.mark.parametrize("file", RUN_HERE)
def test_python(kernel: LocalKernel, file: str) -> None:
    """Block after block, in a notebook in which Jane Doe signs in at the link."""
    codes = [code for language, code in blocks(file) if language == "python"]
    assert len(codes) >= 3
    if "%myid_login\n" not in codes:  # the page begins after the sign-in
        codes = ["%load_ext myid_notebook\n", "%myid_login\n", *codes]

    for code in codes:
        outputs = run(kernel, code)
        assert [] == outputs.errors, (code, outputs.traceback)
        assert outputs.shown or "=" in code or "load_ext" in code, code

    assert "jane.doe" == kernel.value("myid.fetch('people/' + myid.operator.id)['logonName']")


def test_table_of_the_readme(kernel: LocalKernel) -> None:
    """What stands under "you type" runs in the order of the rows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("| you want | you type |\n")[2].partition("\n\n")[0]
    codes = [code for row in table.splitlines()[1:] for code in re.findall(r"`([^`]+)`", row)]
    assert len(codes) >= 7

    for code in (
        "%load_ext myid_notebook",
        "%myid_login",
        "paths = ['people', 'devices']",
        *codes,
    ):
        outputs = run(kernel, code)
        assert [] == outputs.errors, (code, outputs.traceback)

    assert "3 True" == kernel.value("str(len(kept)) + ' ' + str(len(devices) > 100)")


def run(kernel: LocalKernel, code: str) -> Outputs:
    """Execute a cell; at a sign-in link, Jane Doe signs in."""
    cell = kernel.submit(code)
    cell.wait_for(lambda: cell.done or cell.outputs.link, 200)
    if not cell.done:
        follow(cell)
    return cell.finish(200)
