"""What the package imports is what it declares: nothing more comes along, nothing is missing."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from support.values.project import ROOT

PACKAGE = ROOT / "myid_notebook"
OPTIONAL = {"psutil"}
"""Used where it is there (ipykernel brings it), never needed."""
WITH_PANDAS = {"numpy"}
"""What pandas brings along; its versions fit together only if pandas chooses."""


def _imported(modules: Iterable[Path]) -> set[str]:
    """Return what modules import that is neither ours nor the standard library's."""
    found = set()
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add(node.module.partition(".")[0])
    return {name.lower() for name in found - sys.stdlib_module_names - {"myid_notebook"}}


def _declared(requirements: list[str]) -> set[str]:
    """Return the import names of requirements; here they are the names with underscores."""
    names = {re.split(r"[<>=\[; ]", requirement)[0] for requirement in requirements}
    return {name.replace("-", "_").lower() for name in names}


def test_package_declares_what_it_imports() -> None:
    """Each import of a foreign package has its dependency, each dependency its import."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    sandbox = set((PACKAGE / "sandbox").rglob("*.py"))

    imported = _imported(set(PACKAGE.rglob("*.py")) - sandbox)
    extras = project["optional-dependencies"]
    tables = _declared([*extras["tables"], *extras["polars"], *extras["arrow"]])
    assert tables <= imported
    assert _declared(project["dependencies"]) == imported - OPTIONAL - tables - WITH_PANDAS
    extra = _declared(extras["sandbox"])
    assert extra == _imported(sandbox) - imported


def test_each_dependency_has_a_lower_bound() -> None:
    """No upper bounds, which would keep a user's environment from being resolved; no pins."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]

    chosen = (
        extra
        for name in ("sandbox", "keyring", "tables", "polars", "arrow")
        for extra in extras[name]
    )
    for requirement in [*project["dependencies"], *chosen]:
        assert re.fullmatch(r"[\w-]+>=[\d.]+", requirement), requirement
