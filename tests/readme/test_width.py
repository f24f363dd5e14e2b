"""Documents have one line width."""

from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDTH = 120
"""Characters of a line of prose; the code has 100, which ruff holds."""

DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (
        ROOT,
        *(ROOT / name for name in ("docs", "docs/reference", "benchmarks", "tests")),
    )
    for path in folder.glob("*.md")
)


@pytest.mark.parametrize("file", DOCUMENTS)
def test_line_width(file: str) -> None:
    """No line of prose is wider."""
    lines = prose((ROOT / file).read_text(encoding="utf-8"))

    assert [] == [f"{file}:{number}" for number, line in lines if len(line) > WIDTH]


def test_every_document_is_looked_at() -> None:
    """Those of each folder are among them."""
    assert {"README.md", "docs/security.md", "benchmarks/README.md"} < {*DOCUMENTS}


def test_what_is_prose() -> None:
    """Paragraphs, headings and lists are; tables and code, fenced or indented, are not."""
    text = "# a\n\nb\n\n```sh\nc\n```\n\n| d |\n|---|\n\n    e\n\n- f\n  g\n"

    assert ["# a", "b", "- f", "  g"] == [line for _, line in prose(text)]


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of prose of a document, with their numbers."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif line.strip() and not fenced and not line.startswith(("|", "    ", "![")):
            yield number, line
