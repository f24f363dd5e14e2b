"""Tables in HTML for notebooks, which inherit the colours of their page."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from html import escape


class Markup(str):
    """HTML, which is not escaped again."""

    __slots__ = ()


def html_table(
    rows: Iterable[Sequence[str]],
    *,
    labels: Sequence[str] = (),
    caption: str = "",
    headed_by: int | None = 0,
    right: Container[int] = (),
    style: str = "white-space:normal",
) -> str:
    """Return a table in HTML.

    Args:
        rows: cells; a text is escaped, ``Markup`` is not.
        labels: of the columns; a table without any has no head.
        caption: above the table, on one line.
        headed_by: the number of the column that says what a row is about; None if none does.
        right: the numbers of the columns that are aligned to the right.
        style: of every cell, beside its alignment.
    """

    def cell(tag: str, column: int, text: str) -> str:
        # JupyterLab aligns every cell to the right.
        side = f"text-align:{'right' if column in right else 'left'}"
        return f'<{tag} style="{";".join(filter(None, (side, style)))}">{_html(text)}</{tag[:2]}>'

    def row(cells: Sequence[str]) -> str:
        tags = ('th scope="row"' if number == headed_by else "td" for number in range(len(cells)))
        return f"<tr>{''.join(map(cell, tags, range(len(cells)), cells))}</tr>"

    above = f'<caption style="{_CAPTION}">{_html(caption)}</caption>' if caption else ""
    heads = "".join(cell('th scope="col"', number, text) for number, text in enumerate(labels))
    head = f"<thead><tr>{heads}</tr></thead>" if labels else ""
    return f"<table>{above}{head}<tbody>{''.join(map(row, rows))}</tbody></table>"


def without_formulas(html: str) -> str:
    """Return HTML in which MathJax reads no $…$ as a formula."""
    return f'<div class="tex2jax_ignore mathjax_ignore">{html}</div>'


_CAPTION = "caption-side:top;text-align:left;white-space:nowrap"


def _html(text: str) -> str:
    return text if isinstance(text, Markup) else escape(text)
