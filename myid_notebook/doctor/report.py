"""Format the doctor's report as text and as HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from myid_notebook.doctor.check import Check, Finding
from myid_notebook.doctor.doctor import Report

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
    width = max(len(check.subject) for check in report.checks) + 2
    rows = [_row(check, width) for check in _to_act_on(report)]
    passed = [f"{_head(check, width)}{check.detail}" for check in _passed(report)]
    blocks = [[_verdict(report)], rows, passed, [f"{_ENTRY}:", report.client_entry]]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def to_html(report: Report) -> str:
    """Return the report for a notebook, in the same order; what is ok is folded."""
    passed = _passed(report)
    folded = f"{len(passed)} check{'' if len(passed) == 1 else 's'} ok"
    open_entry = " open" if report.needs_entry else ""
    return (
        f'<p style="max-width:60em"><b>{escape(_verdict(report, WIDTH * 10))}</b></p>'
        f"{_table(_to_act_on(report))}"
        f"<details><summary>{folded}</summary>{_table(passed)}</details>"
        f"<details{open_entry}><summary>{escape(_ENTRY)}</summary>"
        f"<pre>{escape(report.client_entry)}</pre></details>"
    )


def _to_act_on(report: Report) -> list[Check]:
    by_finding = (Finding.WRONG, Finding.NOTE)
    return [each for finding in by_finding for each in report.checks if each.finding is finding]


def _passed(report: Report) -> list[Check]:
    return [check for check in report.checks if check.finding is Finding.OK]


def _verdict(report: Report, width: int = WIDTH) -> str:
    return _filled(report.conclusion or _HEALTHY, width)


def _head(check: Check, width: int) -> str:
    return f"{_MARKS[check.finding]} {check.finding:<9}{check.subject:<{width}}"


def _row(check: Check, width: int) -> str:
    words = f"{check.detail}. → {check.remedy}" if check.remedy else check.detail
    return _filled(words, WIDTH, _head(check, width))


def _filled(words: str, width: int, head: str = "") -> str:
    return textwrap.fill(
        words,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


_CELL = "text-align:left;vertical-align:top;white-space:normal;max-width:60em"
_MARK = "color:#fff;border-radius:3px;padding:1px 6px;white-space:nowrap;background:"


def _table(checks: Sequence[Check]) -> str:
    if not checks:
        return ""
    heads = "".join(
        f'<th scope="col" style="{_CELL}">{head}</th>' for head in ("Result", "Check", "Found")
    )
    rows = "".join(_html_row(check) for check in checks)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _html_row(check: Check) -> str:
    remedy = f"<br><b>→</b> {escape(check.remedy)}" if check.remedy else ""
    colour, mark = _COLOURS[check.finding], _MARKS[check.finding]
    return (
        f'<tr><td style="{_CELL}"><span style="{_MARK}{colour}">{mark} {check.finding}</span></td>'
        f'<th scope="row" style="{_CELL}">{escape(check.subject)}</th>'
        f'<td style="{_CELL}">{escape(check.detail)}{remedy}</td></tr>'
    )
