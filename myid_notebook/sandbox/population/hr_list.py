"""Write what the personnel department believes about the people of the sandbox.

``python -m myid_notebook.sandbox.population.hr_list > notebooks/hr-list.csv``
"""

import csv
import random
import sys
from itertools import islice
from typing import NamedTuple

from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.generator import distinct_names
from myid_notebook.sandbox.population.model import Person

COLUMNS = ("Staff number", "First name", "Surname", "Department", "Status")

_SEED = 20_260_101
_LEFT_BUT_ENABLED = 30
_JOINED = 25
_MOVED = 12
_WITHOUT_ZEROS = 8
_DUPLICATES = 5
_ABSENT_SHARE = 0.3
"""The share of disabled people who are no longer in the list."""


class Row(NamedTuple):
    """A row of the list, in the order of ``COLUMNS``."""

    number: str
    first_name: str
    last_name: str
    department: str
    status: str


def hr_rows() -> list[Row]:
    """Return the rows of the list, sorted by staff number, for the default organisation.

    30 people left but are enabled in MyID, 25 joined but are not in MyID, 12 moved, 8 staff
    numbers have no leading zeros, 5 rows are there twice, and one has no staff number. Service
    accounts are in MyID only; people who are disabled left or are not in the list.
    """
    source = random.Random(_SEED)  # noqa: S311 - test data, the same in every list
    people = list(Directory().people.values())
    gone = [_row(person, "Left") for person in people if not person.enabled]
    rows = [_row(person, "Active") for person in people if person.enabled and person.employee_id]
    source.shuffle(rows)
    rest = iter(rows)
    departments = sorted({row.department for row in rows})
    changed = [row._replace(status="Left") for row in islice(rest, _LEFT_BUT_ENABLED)]
    for row in islice(rest, _MOVED):
        others = [department for department in departments if department != row.department]
        changed.append(row._replace(department=source.choice(others)))
    changed += [row._replace(number=row.number.lstrip("0")) for row in islice(rest, _WITHOUT_ZEROS)]
    changed += [row._replace(number="") for row in islice(rest, 1)]
    known = {(person.first_name, person.last_name) for person in people}
    names = [name for name in distinct_names(source, 10 * _JOINED) if name not in known]
    joined = [
        Row(f"{100_000 + number}", *name, source.choice(departments), "Active")
        for number, name in enumerate(names[:_JOINED], start=101)
    ]
    unchanged = list(rest)
    return sorted(
        [
            *(row for row in gone if source.random() > _ABSENT_SHARE),
            *changed,
            *joined,
            *unchanged,
            *unchanged[:_DUPLICATES],
        ]
    )


def _row(person: Person, status: str) -> Row:
    return Row(
        person.employee_id or "",
        person.first_name,
        person.last_name,
        person.department.name,
        status,
    )


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr] # a file here
    csv.writer(sys.stdout, lineterminator="\n").writerows([COLUMNS, *hr_rows()])
