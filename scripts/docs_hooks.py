"""What mkdocs.yml does besides: pages from outside docs/, and what the package says of itself."""

from __future__ import annotations

import inspect
import posixpath
import re
from argparse import Action
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from myid_notebook.kernel.completion import parser_of
from myid_notebook.kernel.magics import MyIDMagics
from myid_notebook.sandbox.assumptions import ASSUMPTIONS
from myid_notebook.settings.table import SETTINGS

ROOT = Path(__file__).resolve().parents[1]

ELSEWHERE = {
    "README.md": "readme.md",  # the site's own first page is docs/index.md
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "LICENSE": "license.txt",
    "benchmarks/README.md": "benchmarks/README.md",
    "tests/mutation.md": "tests/mutation.md",
    **{f"notebooks/{path.name}": f"notebooks/{path.name}" for path in ROOT.glob("notebooks/*.*")},
}
"""Files that are published besides docs/: path in the project to path in the site."""

ORIGINS = {published: path for path, published in ELSEWHERE.items()}

_LINK = re.compile(r"\]\((?!\w+:)([^)\s#]+)(#[^)\s]*)?\)")
"""A relative link or picture: its path, and the part of the page behind the ``#``."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Publish what stands outside docs/."""
    for path, published in ELSEWHERE.items():
        files.append(File.generated(config, published, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_: object) -> str:
    """Fill in what is generated, and turn links of the project into links of the site."""
    here = page.file.src_uri
    folder = posixpath.dirname(ORIGINS.get(here, f"docs/{here}"))

    def link(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[1]))
        published = ELSEWHERE.get(target, target.removeprefix("docs/"))
        if files.get_file_from_path(published) is None:
            raise PluginError(f"{here}: the link {found[1]} leads to nothing that is published")
        return f"]({posixpath.relpath(published, posixpath.dirname(here) or '.')}{found[2] or ''})"

    markdown = _LINK.sub(link, markdown)
    for name, make in GENERATED.items():
        markdown = markdown.replace(f"<!-- {name} -->", make())
    return markdown


def on_post_page(output: str, **_: object) -> str:
    """Name the dialog for searches, as screen readers need it; the theme does not."""
    return output.replace('role="dialog"', 'role="dialog" aria-label="Search"')


def settings_table() -> str:
    """Return the table of all settings."""
    rows = ["| setting | environment variable | option | meaning |", "|---|---|---|---|"]
    for setting in SETTINGS.values():
        option = f"`{setting.option}`" if setting.option else ""
        rows.append(f"| `{setting.name}` | `{setting.environment}` | {option} | {setting.help} |")
    return "\n".join(rows)


def assumptions() -> str:
    """Return the list of what the sandbox assumes about MyID."""
    return "\n".join(f"- {each}" for each in ASSUMPTIONS)


def magics() -> str:
    """Return a section for each magic: its docstring, and a table of its arguments."""
    return "\n\n".join(
        _magic(name, function)
        for name, function in vars(MyIDMagics).items()
        if name.startswith("myid_")
    )


def _magic(name: str, function: Any) -> str:  # noqa: ANN401 - IPython's decorators are untyped
    parser = parser_of(function)
    docstring = inspect.cleandoc(parser.description or "")
    parts = [f"## `%{name}`", docstring.replace("Examples::", "Examples:")]
    actions = parser._actions  # noqa: SLF001 - argparse has no other list
    if actions:
        rows = [f"| {_spelling(action)} | {action.help} |" for action in actions]
        parts.append("\n".join(["| argument | meaning |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _spelling(action: Action) -> str:
    if not action.option_strings:
        return f"`{action.dest.upper()}`"
    value = "" if action.nargs == 0 else f" {action.dest.upper()}"
    return f"`{action.option_strings[-1]}{value}`"


GENERATED = {"assumptions": assumptions, "magics": magics, "settings": settings_table}
"""Comments in pages, and what is put in their place."""
