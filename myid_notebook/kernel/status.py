"""The table of ``%myid_status``: one line for each session and pending sign-in; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from myid_notebook.explore.card import time_left
from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel import markup
from myid_notebook.kernel.registry import Record
from myid_notebook.session.state import SessionState, Standing, state_of

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
    style = 'style="text-align:left;white-space:normal"'
    head, *rows = zip(*_columns(lines), strict=True)
    labels = "".join(f'<th scope="col" {style}>{escape(label)}</th>' for label in head)
    body = "".join(
        f'<tr><th scope="row" {style}>{escape(first)}</th>'
        + "".join(f"<td {style}>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in rows
    )
    # The classes keep MathJax from reading $…$ in a name as a formula.
    return (
        '<div class="tex2jax_ignore mathjax_ignore"><table>'
        f"<thead><tr>{labels}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _columns(lines: list[Line]) -> list[tuple[str, ...]]:
    # Nobody and no time left, as while a first sign-in is pending, need no column.
    columns = zip(_LABELS, *lines, strict=True)
    return [column for column in columns if any(column[1:])]


def _lines(name: str, record: Record) -> list[Line]:
    session, pending = record.session, record.pending
    if pending is not None and not pending.phase.pending:  # only the name is still looked up
        pending = None
    lines = []
    if session is not None:
        state = state_of(session.bearer, session.operator)
        if pending is None or pending.session is not session or _has_token(state):
            lines.append(_line(name, session, state))
    if pending is not None:
        words = f"{markup.waiting_line(pending)} {pending.route.reason}"
        lines.append(Line(name, "", pending.session.api_url, "", words))
    return lines


def _line(name: str, session: MyIDSession, state: SessionState) -> Line:
    who = str(state.operator) if session.show_rows and state.operator is not None else ""
    words = state.in_words
    if state.standing is not Standing.SIGNED_IN:
        words += f". {session.bearer.remedy}" if state.given_by else f"; run {session.command}"
    left = time_left(state) if state.standing is Standing.SIGNED_IN else ""
    return Line(name, who, session.api_url, left, words)


def _has_token(state: SessionState) -> bool:
    return state.standing is not Standing.NOT_SIGNED_IN
