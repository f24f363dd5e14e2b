"""Every text that users read, in one place.

``python -m support.texts`` in the folder ``tests`` prints each as ``file:line: text``, so that the
texts can be read, checked and translated together.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = "myid_notebook"
ELSEWHERE = {"word_lists.py"}
"""Files of the package without texts: names that the sandbox makes people and groups of."""

REFERENCE = ("errors", "functions", "magics", "rows", "session", "settings")
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/assumptions.md",
    "docs/cookbook.md",
    "docs/exploring.md",
    "docs/first-sign-in.md",
    "docs/index.md",
    "docs/jupyterhub.md",
    "docs/myid-administrator.md",
    "docs/performance.md",
    *(f"docs/reference/{name}.md" for name in REFERENCE),
    "docs/sandbox.md",
    "docs/security.md",
    "docs/troubleshooting.md",
    "docs/where-it-runs.md",
    "docs/with-an-assistant.md",
)
SHOWN_DOCSTRINGS = {
    "errors.py": "",
    "explore/rows.py": r"Rows|[a-z]\w*",
    "kernel/magics.py": r"MyIDMagics|myid_\w+",
    "kernel/commands.py": r"login|login_async",
    "session/session.py": r"BearerSession|[a-z]\w*",
}
"""File to the names whose docstrings ``help()`` and ``?`` show; an empty pattern means all."""

_Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Text(NamedTuple):
    """A text that users read.

    Args:
        file: path from the root of the project.
        text: as written; a placeholder of an f-string as its expression in braces.
    """

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return the text on one line, after its place."""
        return f"{self.file}:{self.line}: {' '.join(self.text.split())}"

    @property
    def words(self) -> str:
        """The text without the names in its placeholders, which users do not read."""
        return re.sub(r"\{[^{}]*\}", "…", self.text)


def repeated(message: str) -> list[str]:
    """Return the sentences, and the commands to run, that stand in a message more than once."""
    sentences = [each.strip(" .?!").casefold() for each in re.split(r"(?<=[.?!…])\s+|\n", message)]
    commands = re.findall(r"%myid_\w+(?: --[a-z-]+)*|login(?:_async)?\([^()]*\)", message)
    found = [each for each in sentences if " " in each] + commands
    return sorted({each for each in found if found.count(each) > 1})


def texts() -> Iterator[Text]:
    """Yield every text of the package, the demo, the documents and the notebooks."""
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        if not ELSEWHERE & {*path.relative_to(ROOT / PACKAGE).parts}:
            yield from module_texts(path)
    yield from module_texts(ROOT / "scripts" / "demo")
    for name in DOCUMENTS:
        yield from _lines(name, (ROOT / name).read_text(encoding="utf-8"))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        yield from _notebook_texts(path)


def module_texts(path: Path) -> Iterator[Text]:
    """Yield the texts of a module: its strings with a space in them, and the shown docstrings.

    Args:
        path: of a module of the package, or of a script.
    """
    file = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _without_docstrings(tree):
        text = _text(node)
        if " " in text.strip():
            yield Text(file, getattr(node, "lineno", 0), text)
    pattern = SHOWN_DOCSTRINGS.get(file.removeprefix(f"{PACKAGE}/"))
    if pattern is not None:
        yield from _docstrings(file, tree, pattern)


def _without_docstrings(node: ast.AST) -> Iterator[ast.AST]:
    # A string that stands alone is a docstring: of a module, class or function, or of the constant
    # before it. A string in an f-string belongs to that.
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        yield child
        if not isinstance(child, ast.JoinedStr):
            yield from _without_docstrings(child)
        else:
            for value in child.values:
                if isinstance(value, ast.FormattedValue):
                    yield from _without_docstrings(value)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(value) for value in node.values)
    return ""


def _part(value: ast.expr) -> str:
    if isinstance(value, ast.FormattedValue):
        return f"{{{ast.unparse(value.value)}}}"
    return str(value.value) if isinstance(value, ast.Constant) else ""


def _docstrings(file: str, tree: ast.Module, pattern: str) -> Iterator[Text]:
    for node in ast.walk(tree):
        if not isinstance(node, _Documented) or not (
            not pattern or re.fullmatch(pattern, node.name)
        ):
            continue
        docstring = ast.get_docstring(node)
        if docstring:
            yield from _lines(file, docstring, node.body[0].lineno)


def _lines(file: str, text: str, first: int = 1) -> Iterator[Text]:
    for number, line in enumerate(text.splitlines(), first):
        if line.strip():
            yield Text(file, number, line)


def _notebook_texts(path: Path) -> Iterator[Text]:
    # By the lines of the file, where an editor finds them.
    file = path.relative_to(ROOT).as_posix()
    written = path.read_text(encoding="utf-8").splitlines()
    number = 0
    for cell in json.loads("\n".join(written))["cells"]:
        for line in cell["source"]:
            quoted = json.dumps(line, ensure_ascii=False)
            number = next(n for n in range(number, len(written)) if quoted in written[n]) + 1
            if line.strip():
                yield Text(file, number, line)


if __name__ == "__main__":
    for each in texts():
        print(each)  # noqa: T201 - a command
