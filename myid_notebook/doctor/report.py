"""Format the doctor's report as text and as HTML."""

from __future__ import annotations

import textwrap
from html import escape

from myid_notebook.doctor.check import Check, Finding
from myid_notebook.doctor.doctor import Report

WIDTH = 100
"""Characters of a line in a terminal."""

_MARKS = {Finding.OK: "✓", Finding.NOTE: "•", Finding.WRONG: "✗"}
_COLOURS = {Finding.OK: "#1a7f45", Finding.NOTE: "#8a6d00", Finding.WRONG: "#b3261e"}
_HEALTHY = "No problems found."
_UNHEALTHY = "Fix the items marked ✗, then sign in."
_ENTRY = (
    "Client entry for web.oauth2's CustomClients folder (for your MyID administrator; then restart "
    "IIS):"
)


def to_text(report: Report) -> str:
    """Return the report for a terminal."""
    width = max(len(check.subject) for check in report.checks) + 2
    lines = [_row(check, width) for check in report.checks]
    return "\n".join([*lines, "", _verdict(report), "", _ENTRY, report.client_entry])


def to_html(report: Report) -> str:
    """Return the report for a notebook."""
    rows = "".join(_html_row(check) for check in report.checks)
    return (
        f'<table style="text-align:left">{rows}</table><p><b>{escape(_verdict(report))}</b></p>'
        f"<details open><summary>{escape(_ENTRY)}</summary>"
        f"<pre>{escape(report.client_entry)}</pre></details>"
    )


def _verdict(report: Report) -> str:
    return _HEALTHY if report.healthy else _UNHEALTHY


def _row(check: Check, width: int) -> str:
    words = f"{check.detail}. → {check.remedy}" if check.remedy else check.detail
    head = f"{_MARKS[check.finding]} {check.subject:<{width}}"
    return textwrap.fill(
        words,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _html_row(check: Check) -> str:
    remedy = f"<br><b>→</b> {escape(check.remedy)}" if check.remedy else ""
    mark = f'<td style="color:{_COLOURS[check.finding]}">{_MARKS[check.finding]}</td>'
    cell = '<td style="text-align:left;white-space:normal">'
    subject, detail = escape(check.subject), escape(check.detail)
    return f"<tr>{mark}{cell}{subject}</td>{cell}{detail}{remedy}</td></tr>"
