"""What a notebook and a terminal show of rows: a caption and a table of the first ones.

A view shows any data: a name is text, never markup, and no value makes it raise.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from html import escape
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import combining, east_asian_width

from myid_notebook.explore.columns import columns_of
from myid_notebook.html_table import Markup, html_table, without_formulas
from myid_notebook.untrusted_text import one_line

if TYPE_CHECKING:
    from myid_notebook.explore.rows import Rows

MAX_CELL = 60
"""Characters of a cell, unless the rows say otherwise."""

MAX_COLUMNS = 12
"""Columns of a table in HTML; in text there are as many as the terminal is wide."""

_NAMED = 12
"""Columns without room that are named below the table; the others are counted."""

_SEARCHED = 1_000
"""Rows whose columns are collected, or more if more are shown."""

_READ = 1_000
"""Characters that are read of a value, for a cell."""

_ITEMS, _DEPTH = 8, 3
"""Entries of a list, and levels of lists in lists, that are read for a cell."""

_ID = re.compile(r"[^/]*[0-9][^/]*")
"""A part of a path that may stand for a person."""

_GAP = "  "
_HIDDEN = {"id", "href"}  # and links, which columns_of leaves out


class _Column(NamedTuple):
    name: str
    cells: list[str]
    is_number: bool


def as_text(rows: Rows) -> str:
    """Return the view for a terminal, as wide as that."""
    columns = _columns(rows, MAX_CELL)
    padded = [_padded(column) for column in columns]
    ends = accumulate(len(_GAP) + _width(lines[0]) for lines in padded)
    room = shutil.get_terminal_size().columns + len(_GAP)
    fitting = sum(end <= room for end in ends) or 1
    lines = [_GAP.join(line).rstrip() for line in zip(*padded[:fitting], strict=True)]
    return "\n".join([caption(rows), *lines, *_rest(rows, columns[fitting:])])


def as_html(rows: Rows) -> str:
    """Return the view for a notebook: a table with a caption, which inherits its colours."""
    columns = _columns(rows, rows.max_cell)
    shown = columns[:MAX_COLUMNS]
    table = html_table(
        zip(*(map(_isolated, column.cells) for column in shown), strict=True),
        labels=[_isolated(column.name) for column in shown],
        caption=Markup(caption(rows, _isolated)),
        headed_by=None,
        right={number for number, column in enumerate(shown) if column.is_number},
        style="",
    )
    rest = (f"<div>{escape(line)}</div>" for line in _rest(rows, columns[MAX_COLUMNS:]))
    return without_formulas(table + "".join(rest))


def caption(rows: Rows, isolated: Callable[[str], str] = str) -> str:
    """Return what was asked for, how many rows came, for whom and when, on one line.

    With ``show_rows`` 0 it names neither the operator nor the values of parameters.

    Args:
        isolated: what makes a text from outside harmless between others, such as ``_isolated``.
    """
    path, params, operator = rows.path, rows.params, rows.operator
    if rows.show_rows <= 0:
        path = _ID.sub("…", path.partition("?")[0])
        params, operator = dict.fromkeys(params, "…"), None
    pairs = ((isolated(_line(name)), isolated(_line(value))) for name, value in params.items())
    asked = ", ".join(map("=".join, pairs))
    count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    count += {True: "", False: ", more exist", None: ", perhaps more"}[rows.complete]
    who = f"as {isolated(_line(operator))}, " if operator else ""
    when = f"{rows.fetched_at.day} {rows.fetched_at:%b %Y %H:%M} UTC"
    return " · ".join(filter(None, (path and isolated(_line(path)), asked, count, who + when)))


def _isolated(text: str) -> Markup:
    # A name may be written from right to left, and must not take what is around it along.
    return Markup(f"<bdi>{escape(text)}</bdi>")


def _columns(rows: Rows, max_cell: int) -> list[_Column]:
    # Not rows[:n], which is Rows again, and refuses what somebody may have appended to the list.
    first = islice(iter(rows), max(_SEARCHED, rows.show_rows))
    records = [row if isinstance(row, dict) else {"value": row} for row in first]
    columns = columns_of(records)
    names = [name for name in columns if name not in _HIDDEN] or [*columns]
    return [_column(name, columns[name][: max(0, rows.show_rows)], max_cell) for name in names]


def _column(name: str, values: list[Any], max_cell: int) -> _Column:
    kinds = set(map(type, values)) - {type(None)}
    is_number = bool(kinds) and kinds <= {int, float}
    return _Column(_line(name), [_line(value, max_cell) for value in values], is_number)


def _rest(rows: Rows, columns: list[_Column]) -> list[str]:
    lines = []
    if len(rows) > rows.show_rows > 0:
        lines.append(f"… and {len(rows) - rows.show_rows:,} more")
    if columns:
        names = ", ".join(column.name for column in columns[:_NAMED])
        more = ", …" if len(columns) > _NAMED else ""
        plural = "" if len(columns) == 1 else "s"
        lines.append(f"… {len(columns):,} more column{plural}: {names}{more}")
    return lines


def _line(value: object, max_cell: int = MAX_CELL) -> str:
    text = _text(value, _DEPTH)
    line = one_line(text[:_READ])
    cut = len(text) > _READ or len(line) > max_cell
    return f"{line[: max_cell - 1]}…" if cut else line


def _text(value: object, depth: int) -> str:
    if value is None:
        return ""
    try:
        if isinstance(value, (dict, list, tuple)):
            return _text_of_several(value, depth)
        return str(value)
    except Exception:  # noqa: BLE001 - any object of the user's own may be in a row
        return f"<{type(value).__name__}>"


def _text_of_several(value: dict[Any, Any] | list[Any] | tuple[Any, ...], depth: int) -> str:
    # Not repr: it would write out all of a long list, and call itself for rows within rows.
    if depth == 0:
        return "…"
    entries: Iterable[str]
    if isinstance(value, dict):
        pairs = islice(value.items(), _ITEMS)
        entries = (f"{_text(key, 0)}: {_text(each, depth - 1)}" for key, each in pairs)
        opening, closing = "{}"
    else:
        entries = (_text(each, depth - 1) for each in islice(iter(value), _ITEMS))
        opening, closing = "[]"
    more = ", …" if len(value) > _ITEMS else ""
    return f"{opening}{', '.join(entries)}{more}{closing}"


def _padded(column: _Column) -> list[str]:
    lines = [column.name, *column.cells]
    widths = [*map(_width, lines)]
    gaps = [" " * (max(widths) - width) for width in widths]
    if column.is_number:
        return [gap + line for gap, line in zip(gaps, lines, strict=True)]
    return [line + gap for gap, line in zip(gaps, lines, strict=True)]


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
