"""Reading the doctor's report."""

from collections.abc import Callable

from myid_notebook.doctor.check import Result
from myid_notebook.doctor.doctor import Report

Examine = Callable[..., Report]
"""The type of the fixture ``examine_with``."""


def check(report: Report, key: str) -> Result:
    """Return the result of one check of a report."""
    (found,) = (line.result for line in report.lines if line.check.key == key)
    return found
