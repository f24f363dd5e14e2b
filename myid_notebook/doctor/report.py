"""Format the doctor's report as text and as HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from myid_notebook.doctor.check import Finding, Line, Result
from myid_notebook.doctor.doctor import Report
from myid_notebook.html_table import Markup, html_table, without_formulas

WIDTH = 100
"""Characters of a line in a terminal."""

_MARKS = {Finding.OK: "✓", Finding.NOTE: "•", Finding.WRONG: "✗"}
_COLOURS = {Finding.OK: "#1b6b3a", Finding.NOTE: "#6b5200", Finding.WRONG: "#a8201a"}
"""Backgrounds of white words, so that these can be read whatever the theme's own background is."""

_HEALTHY = "No problems found."
_ENTRY = (
    "Client entry for web.oauth2's CustomClients folder (for your MyID administrator; then restart "
    "IIS)"
)


def to_text(report: Report) -> str:
    """Return the report for a terminal: the conclusion, problems, notes, and what is ok."""
    width = max(len(line.check.subject) for line in report.lines) + 2
    rows = [_row(line, width) for line in _to_act_on(report)]
    passed = [f"{_head(line, width)}{line.result.detail}" for line in _passed(report)]
    blocks = [[_verdict(report)], rows, passed, [f"{_ENTRY}:", report.client_entry]]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def to_html(report: Report) -> str:
    """Return the report for a notebook, in the same order; what is ok is folded."""
    passed = _passed(report)
    folded = f"{len(passed)} check{'' if len(passed) == 1 else 's'} ok"
    open_entry = " open" if report.needs_entry else ""
    return without_formulas(
        f'<p style="max-width:60em"><b>{escape(_verdict(report, WIDTH * 10))}</b></p>'
        f"{_table(_to_act_on(report))}"
        f"<details><summary>{folded}</summary>{_table(passed)}</details>"
        f"<details{open_entry}><summary>{escape(_ENTRY)}</summary>"
        f"<pre>{escape(report.client_entry)}</pre></details>"
    )


def _to_act_on(report: Report) -> list[Line]:
    problems = [line for line in report.lines if line.result.finding is Finding.WRONG]
    return problems + [line for line in report.lines if line.result.finding is Finding.NOTE]


def _passed(report: Report) -> list[Line]:
    return [line for line in report.lines if line.result.finding is Finding.OK]


def _verdict(report: Report, width: int = WIDTH) -> str:
    return _filled(report.conclusion or _HEALTHY, width)


def _head(line: Line, width: int) -> str:
    finding = line.result.finding
    return f"{_MARKS[finding]} {finding:<9}{line.check.subject:<{width}}"


def _row(line: Line, width: int) -> str:
    detail, remedy = line.result.detail, line.result.remedy
    words = f"{detail}. → {remedy}" if remedy else detail
    return _filled(words, WIDTH, _head(line, width))


def _filled(words: str, width: int, head: str = "") -> str:
    return textwrap.fill(
        words,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


_CELL = "vertical-align:top;white-space:normal;max-width:60em"
_MARK = "color:#fff;border-radius:3px;padding:1px 6px;white-space:nowrap;background:"


def _table(lines: Sequence[Line]) -> str:
    rows = [(_mark(result), check.subject, _found(result)) for check, result in lines]
    labels = ("Result", "Check", "Found")
    return html_table(rows, labels=labels, headed_by=1, style=_CELL) if rows else ""


def _mark(result: Result) -> Markup:
    finding = result.finding
    return Markup(f'<span style="{_MARK}{_COLOURS[finding]}">{_MARKS[finding]} {finding}</span>')


def _found(result: Result) -> Markup:
    remedy = f"<br><b>→</b> {escape(result.remedy)}" if result.remedy else ""
    return Markup(f"{escape(result.detail)}{remedy}")
