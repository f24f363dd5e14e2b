"""What is published can be built again, passes the checks of its users' tools, and goes away."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import yaml
from support.values.project import ROOT, build_wheel, copy_source, digest, own_environment, pip

import myid_notebook

USER = """
from myid_notebook import MyIDAPIError, MyIDSession, Rows, login, login_async


def smiths(session: MyIDSession) -> str | None:
    return session.operator.name if session.operator and session.signed_in else None


def main() -> None:
    myid = login("myid", server="https://myid.example.com", timeout=60)
    rows = myid.search("people", {"name.last": "Sm*"}, limit=None)
    devices: Rows = myid.fetch([row["href"] + "/devices" for row in rows], errors="keep")
    first: dict[str, object] = devices[:1][0]
    print(smiths(myid), first, rows.complete, myid.get("people").json())
    try:
        myid.get("people").raise_for_status()
    except MyIDAPIError as error:
        print(error.status, error.code, error.text)


async def in_a_task() -> bool:
    return (await login_async()).signed_in
"""
"""A program that type checkers find nothing wrong with."""

MISTAKES = [
    "login(5)",
    "login(sevrer='x')",
    "login(read_only=5.5)",
    "login().search(5)",
    "login().fetch(['people'], errors='keeps')",
    "Rows(5)",
]
"""What they find, if they read the package's types."""


@pytest.fixture(scope="module")
def source_distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as they are published."""
    return build_sources(ROOT, tmp_path_factory.mktemp("sources"))


def build_sources(source: Path, folder: Path) -> Path:
    """Build the source distribution, at the time that SOURCE_DATE_EPOCH says."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", folder]
    environ = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run(build, cwd=source, env=environ, check=True, capture_output=True, timeout=120)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel and requests: type checkers read no more."""
    folder = tmp_path_factory.mktemp("installed")
    for name in ("requests", "urllib3"):
        (folder / name).symlink_to(Path(requests.__file__).parents[1] / name)
    python = own_environment(folder / "environment", lent=[str(folder)])
    pip(python, "install", "--no-deps", "--ignore-installed", "--no-index", wheel)
    return python


@pytest.mark.parametrize("build", [build_wheel, build_sources])
def test_build_is_the_same_each_time(tmp_path: Path, build: Callable[[Path, Path], Path]) -> None:
    """The same sources make the same bytes, whenever the files were written."""
    built = []
    for moment in (1_000_000_000, 1_700_000_000):
        source, folder = tmp_path / f"source{moment}", tmp_path / f"built{moment}"
        source.mkdir()
        folder.mkdir()
        for path in copy_source(source).rglob("*"):
            os.utime(path, (moment, moment))
        built.append(digest(build(source, folder)))

    assert built[0] == built[1]


def test_wheel_of_the_published_sources(
    source_distribution: Path, wheel: Path, tmp_path: Path
) -> None:
    """The wheel that others build from them is the one that is published, byte for byte."""
    subprocess.run(["tar", "-xf", source_distribution, "-C", tmp_path], check=True, timeout=60)
    (source,) = tmp_path.iterdir()
    (folder := tmp_path / "built").mkdir()

    assert digest(wheel) == digest(build_wheel(source, folder))


def test_metadata(source_distribution: Path, wheel: Path) -> None:
    """The index would take both, and show the README."""
    check = [sys.executable, "-m", "twine", "check", "--strict", source_distribution, wheel]
    done = subprocess.run(check, capture_output=True, text=True, timeout=120, check=False)

    assert 0 == done.returncode, done.stdout + done.stderr


def test_contents(wheel: Path) -> None:
    """The wheel has no files that belong elsewhere, and none twice."""
    check = [sys.executable, "-m", "check_wheel_contents", wheel]
    done = subprocess.run(check, capture_output=True, text=True, timeout=120, check=False)

    assert 0 == done.returncode, done.stdout + done.stderr


COMMANDS = {
    "mypy": ["--strict", "--cache-dir", os.devnull, "--python-executable"],
    "pyright": ["--pythonpath"],
}
"""Type checkers, and their arguments, of which the last one takes the interpreter."""


@pytest.mark.parametrize("checker", COMMANDS)
def test_types(checker: str, installed: Path, tmp_path: Path) -> None:
    """A user's program is checked against the types of the wheel, and mistakes are found."""
    wrong = "\n".join(["from myid_notebook import Rows, login", *MISTAKES])
    (tmp_path / "right.py").write_text(USER, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(wrong, encoding="utf-8")
    command = [sys.executable, "-m", checker, *COMMANDS[checker], installed, "right.py", "wrong.py"]

    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={name: os.environ[name] for name in os.environ if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    found = re.findall(r"(\w+\.py):(\d+):.*\berror\b", done.stdout)
    expected = [("wrong.py", str(line)) for line in range(2, 2 + len(MISTAKES))]
    assert expected == [*dict.fromkeys(found)], done.stdout + done.stderr


def test_uninstall(wheel: Path, tmp_path: Path) -> None:
    """After use, ``pip uninstall`` leaves the files that were there before, and no other."""
    environment = tmp_path / "environment"
    python = own_environment(environment)

    def files() -> list[Path]:
        # pip leaves a folder that does not belong to the package alone: etc/jupyter stays, empty.
        return sorted(path for path in environment.rglob("*") if not path.is_dir())

    before = files()
    pip(python, "install", "--no-deps", "--ignore-installed", "--no-index", wheel)
    use = [python, "-c", "import myid_notebook; myid_notebook.login; print(myid_notebook.__file__)"]
    environ = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
    said = subprocess.run(use, check=True, cwd=tmp_path, env=environ, capture_output=True)
    assert str(environment) in said.stdout.decode()
    assert len(files()) > len(before) + 100
    pip(python, "uninstall", "--yes", "myid-notebook")

    assert before == files()


def test_version_is_in_one_place() -> None:
    """The package has it; the changelog begins with it, and nothing else repeats it."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert myid_notebook.__version__ == re.findall(r"(?m)^## \[(\d[^]]*)\]", changelog)[0]
    for name in ("pyproject.toml", "CITATION.cff", "mkdocs.yml", "README.md"):
        assert myid_notebook.__version__ not in re.findall(
            r"\bversion\W+([\d.]+)", (ROOT / name).read_text(encoding="utf-8"), re.IGNORECASE
        )


def test_citation() -> None:
    """It has what the Citation File Format demands, and the project's own name and license."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert ("myid_notebook", "BSD-3-Clause") == (citation["title"], citation["license"])


@pytest.mark.parametrize("path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")))
def test_issue_template(path: Path) -> None:
    """A template is a form that code hosts accept; it asks for the report of the doctor, and warns
    of secrets.
    """
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name == "config.yml":
        assert form == {"blank_issues_enabled": False}
        return
    fields = {part["id"] for part in form["body"] if part["type"] != "markdown"}

    assert {"name", "description", "body"} <= set(form)
    assert all({"type", "attributes"} <= set(part) for part in form["body"])
    assert "doctor" in fields
    assert "%myid_doctor" in json.dumps(form)
    assert re.search(r"remove .*secret", json.dumps(form))
