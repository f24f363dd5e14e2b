"""Reading the doctor's report."""

from collections.abc import Callable

from myid_notebook.doctor.check import Check
from myid_notebook.doctor.doctor import Report

Examine = Callable[..., Report]
"""The type of the fixture ``examine_with``."""


def check(report: Report, subject: str) -> Check:
    """Return the one check of a report with that subject.

    Args:
        report: of the doctor.
        subject: what was looked at.
    """
    (found,) = (check for check in report.checks if check.subject == subject)
    return found
