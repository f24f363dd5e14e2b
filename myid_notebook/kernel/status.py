"""The table of ``%myid_status``: one line for each session and pending sign-in; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from myid_notebook.html_table import html_table, without_formulas
from myid_notebook.kernel import markup
from myid_notebook.kernel.registry import Record
from myid_notebook.session import words

_LABELS = ("variable", "signed in as", "server", "time left", "state")


class Line(NamedTuple):
    """One session or pending sign-in, in words."""

    variable: str
    who: str
    server: str
    left: str
    state: str


def lines_of(records: Mapping[str, Record]) -> list[Line]:
    """Return the lines of the table, in the order of the names."""
    return [line for name, record in sorted(records.items()) for line in _lines(name, record)]


def as_text(lines: list[Line]) -> str:
    """Return the table for a terminal."""
    columns = _columns(lines)
    widths = [max(map(len, column)) for column in columns]
    return "\n".join(
        "  ".join(map(str.ljust, row, widths)).rstrip() for row in zip(*columns, strict=True)
    )


def as_html(lines: list[Line]) -> str:
    """Return the table for a notebook."""
    labels, *rows = zip(*_columns(lines), strict=True)
    return without_formulas(html_table(rows, labels=labels))


def _columns(lines: list[Line]) -> list[tuple[str, ...]]:
    # Nobody and no time left, as while a first sign-in is pending, need no column.
    columns = zip(_LABELS, *lines, strict=True)
    return [column for column in columns if any(column[1:])]


def _lines(name: str, record: Record) -> list[Line]:
    session, pending = record.session, record.pending
    if pending is not None and not pending.sign_in.pending:  # only the name is still looked up
        pending = None
    lines = []
    has_token = session is not None and session.bearer.token is not None
    if session is not None and (pending is None or pending.session is not session or has_token):
        lines.append(Line(name, *words.status(session)))
    if pending is not None:
        sign_in = pending.sign_in
        waiting = f"{markup.waiting_line(sign_in)} {sign_in.route.reason}"
        lines.append(Line(name, "", pending.session.api_url, "", waiting))
    return lines
