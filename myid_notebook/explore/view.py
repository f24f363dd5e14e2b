"""Where rows come from, and what is shown of them: a caption and a table of the first ones.

A view shows any data: a name is text, never markup, and no value makes it raise.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from itertools import islice
from typing import Any, NamedTuple
from unicodedata import combining, east_asian_width

from myid_notebook.explore.columns import Column, Records, columns_of
from myid_notebook.html_table import Markup, html_table, without_formulas
from myid_notebook.untrusted_text import one_line

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

_GAP = "  "
_HIDDEN = {"id", "href"}  # and links, which columns_of leaves out


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where rows come from, and how they are shown.

    Args:
        path: what was asked for, relative to the API; empty for rows of the user's own.
        params: the parameters of the search.
        complete: whether these are all rows that MyID has; None if MyID did not say.
        reason: why ``complete`` is not True, as the end of a sentence; empty if that is all.
        kept: which paths were read before, such as "12 paths kept from 24 Nov 2026 14:02 UTC".
        operator: the name of the person who was signed in; None if unknown or if several were.
        read_from: when reading began, aware; now if left out.
        read_until: when it ended, aware; now if left out.
        show_rows: how many rows to show; with 0, no data of any person.
        columns: names of columns that ``Rows.to_pandas`` makes even if no row has them.
    """

    path: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    complete: bool | None = None
    reason: str = ""
    kept: str = ""
    operator: str | None = None
    read_from: datetime = field(default_factory=_now)
    read_until: datetime = field(default_factory=_now)
    show_rows: int = 10
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", dict(self.params))  # the caller may reuse its own

    def with_that_of(self, other: Origin) -> Origin:
        """Return the origin of these rows and others: of this path, as doubtful as both."""
        if not self.path or not other.path:
            return self if self.path else other
        doubtful = min(self, other, key=lambda each: (False, None, True).index(each.complete))
        return replace(
            self,
            complete=doubtful.complete,
            reason=doubtful.reason,
            kept=", ".join(dict.fromkeys(filter(None, (self.kept, other.kept)))),
            operator=self.operator if self.operator == other.operator else None,
            read_from=min(self.read_from, other.read_from),
            read_until=max(self.read_until, other.read_until),
            show_rows=min(self.show_rows, other.show_rows),  # what one hides, the other does, too
            columns=(*dict.fromkeys(self.columns + other.columns),),
        )


class _Shown(NamedTuple):
    name: str
    cells: list[str]
    is_number: bool


def as_text(rows: Records, origin: Origin) -> str:
    """Return the view for a terminal, as wide as that."""
    columns = _columns(rows, origin)
    count = _count(rows, origin)
    room = shutil.get_terminal_size().columns
    padded: list[list[str]] = []
    for column in columns:
        lines = _padded(_shown(column, count, MAX_CELL))
        room -= _width(lines[0]) + len(_GAP) * bool(padded)
        if room < 0 and padded:
            break
        padded.append(lines)
    lines = [_GAP.join(line).rstrip() for line in zip(*padded, strict=True)]
    rest = _rest(len(rows), origin, columns[len(padded) :])
    return "\n".join([caption(len(rows), origin), *lines, *rest])


def as_html(rows: Records, origin: Origin, max_cell: int = MAX_CELL) -> str:
    """Return the view for a notebook: a table with a caption, which inherits its colours."""
    columns = _columns(rows, origin)
    count = _count(rows, origin)
    shown = [_shown(column, count, max_cell) for column in columns[:MAX_COLUMNS]]
    table = html_table(
        zip(*(map(_isolated, column.cells) for column in shown), strict=True),
        labels=[_isolated(column.name) for column in shown],
        caption=Markup(caption(len(rows), origin, _isolated)),
        headed_by=None,
        right={number for number, column in enumerate(shown) if column.is_number},
        style="",
    )
    rest = _rest(len(rows), origin, columns[MAX_COLUMNS:])
    return without_formulas(table + "".join(f"<div>{escape(line)}</div>" for line in rest))


def without_ids(path: str, mark: str) -> str:
    """Replace the parts of a path that may stand for a person: those with a digit."""
    parts = path.split("/")
    return "/".join(mark if any(map(str.isdecimal, part)) else part for part in parts)


def caption(count: int, origin: Origin, isolated: Callable[[str], str] = str) -> str:
    """Return what was asked for, how many rows came, for whom and when, on one line.

    With ``show_rows`` 0 it names neither the operator nor the values of parameters.

    Args:
        isolated: what makes a text from outside harmless between others, such as ``_isolated``.
    """
    path, params, operator = origin.path, origin.params, origin.operator
    if origin.show_rows <= 0:
        path = path.partition("?")[0]
        path = without_ids(path, "…") if "/" in path else path  # not "30 paths"
        params, operator = dict.fromkeys(params, "…"), None
    pairs = ((isolated(_line(name)), isolated(_line(value))) for name, value in params.items())
    asked = ", ".join(map("=".join, pairs))
    counted = f"{count:,} row{'' if count == 1 else 's'}"
    counted += {True: "", False: ", more exist", None: ", may have more"}[origin.complete]
    counted += ", " * bool(origin.kept) + isolated(_line(origin.kept, _READ))
    who = f"as {isolated(_line(operator))}, " if operator else ""
    read = origin.read_until.astimezone(UTC)
    when = f"{read.day} {read:%b %Y %H:%M} UTC"
    return " · ".join(filter(None, (path and isolated(_line(path)), asked, counted, who + when)))


def _isolated(text: str) -> Markup:
    # A name may be written from right to left, and must not take what is around it along.
    return Markup(f"<bdi>{escape(text)}</bdi>")


def _columns(rows: Records, origin: Origin) -> list[Column]:
    # Not rows[:n], which is Rows again, and refuses what somebody may have appended to the list.
    first = islice(iter(rows), max(_SEARCHED, origin.show_rows))
    columns = [*columns_of([row if isinstance(row, dict) else {"value": row} for row in first])]
    return [column for column in columns if column.name not in _HIDDEN] or columns


def _count(rows: Records, origin: Origin) -> int:
    return max(0, min(len(rows), origin.show_rows))


def _shown(column: Column, count: int, max_cell: int) -> _Shown:
    values = column.first(count)
    kinds = set(map(type, values)) - {type(None)}
    is_number = bool(kinds) and kinds <= {int, float}
    return _Shown(_line(column.name), [_line(value, max_cell) for value in values], is_number)


def _rest(count: int, origin: Origin, columns: list[Column]) -> list[str]:
    lines = []
    if count > origin.show_rows > 0:
        lines.append(f"… and {count - origin.show_rows:,} more")
    if columns:
        names = ", ".join(_line(column.name) for column in columns[:_NAMED])
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
        return str(value)[: _READ + 1]  # there may be hundreds of them
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


def _padded(column: _Shown) -> list[str]:
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
