"""What this project publishes: its wheel, and documents that tests check."""

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from math import prod
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[3]


def copy_source(folder: Path) -> Path:
    """Return a copy of what a wheel is built from.

    Args:
        folder: where it goes; empty.
    """
    for name in ("myid_notebook", "jupyter-config"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


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


def digest(path: Path) -> str:
    """Return what tells files apart, in a form in which pytest can show a difference."""
    return sha256(path.read_bytes()).hexdigest()


def own_environment(folder: Path, lent: Sequence[str] = ()) -> Path:
    """Make an environment; return its interpreter.

    Args:
        lent: folders of packages; by default this environment's, so that nothing is downloaded.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("[Ll]ib/**/site-packages")
    paths = lent or [path for path in sys.path if "site-packages" in path]
    (packages / "lent.pth").write_text("\n".join(paths), encoding="utf-8")
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def pip(python: Path, command: str, *arguments: str | Path) -> None:
    """Run a command of pip for another environment, without any downloads."""
    run = [sys.executable, "-m", "pip", "--python", python, command, "--quiet", *arguments]
    subprocess.run(run, check=True, cwd=python.parent)


HYPOTHESIS_DEFAULT = 100
"""Examples that Hypothesis tries where a test does not say how many."""


@dataclass(frozen=True)
class Proof:
    """One row of a table.

    Args:
        file: of the test; empty where the row names none.
        figure: what it tries in one run, in words.
    """

    row: str
    file: str
    test: str
    figure: str

    @property
    def numbers(self) -> list[int]:
        """The numbers in the figure, in order."""
        words = re.sub(r"`[^`]*`", "", self.figure)
        return [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*", words)]

    @property
    def function(self) -> ast.FunctionDef | None:
        """The source of the test."""
        tree = ast.parse((ROOT / self.file).read_text(encoding="utf-8"))
        functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
        return next((each for each in functions if each.name == self.test), None)

    @property
    def examples(self) -> int | None:
        """How many examples Hypothesis tries; None for a test of another kind."""
        assert self.function is not None
        decorators = {
            decorator.func.id: decorator
            for decorator in self.function.decorator_list
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name)
        }
        if "given" not in decorators:
            return None
        keywords = decorators["settings"].keywords if "settings" in decorators else []
        given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
        return int(given.get("max_examples", HYPOTHESIS_DEFAULT))

    @property
    def module(self) -> ModuleType:
        """The module of the test, imported."""
        spec = importlib.util.spec_from_file_location("proof", ROOT / self.file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    @property
    def cases(self) -> int:
        """How often the test runs with different parameters."""
        marks = getattr(getattr(self.module, self.test), "pytestmark", [])
        return prod(len([*mark.args[1]]) for mark in marks if mark.name == "parametrize")


def proofs(page: str) -> Iterator[Proof]:
    """Yield the rows of all tables of a page.

    Args:
        page: its name in docs/, without ``.md``.
    """
    lines = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8").splitlines()
    heads = {index - 1 for index, line in enumerate(lines) if line.startswith("|---")}
    for index, line in enumerate(lines):
        if line.startswith("| ") and index not in heads:
            named = re.search(r"`(tests/\S+)::(test_\w+)`", line)
            file, test = named.groups() if named else ("", "")
            yield Proof(line, file, test, line.rstrip("| ").rpartition("|")[2].strip())


JUPYTERHUB_PAGE = (ROOT / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
"""The text of docs/jupyterhub.md."""


def documented(language: str) -> str:
    """Return the one block of code in a language.

    Args:
        language: as it stands behind the backticks.
    """
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", JUPYTERHUB_PAGE, re.DOTALL | re.MULTILINE)
    return str(block)
