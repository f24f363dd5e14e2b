"""The audit: MyID against the HR list."""

import re
from collections import Counter
from collections.abc import Callable
from hashlib import sha256

from support.jupyter.notebook import Run
from support.values.workbook import sheets

from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.hr_list import hr_rows
from myid_notebook.sandbox.population.model import PENDING_REVOCATION, Permission

SAVE_EVERYBODY = 'save("everybody.xlsx", {"Everybody": records})'


def test_audit(run: Callable[..., Run], organisation: Directory) -> None:
    """The audit finds what is in the organisation and in the HR list, and writes it into a
    workbook: the operator first, and names as text. With MYID_SHOW_ROWS=0 it names nobody.
    """
    ran = run("06", more=SAVE_EVERYBODY)
    people = organisation.people.values()
    owners = Counter(each.owner_id for each in organisation.devices.values())
    left = {row.number for row in hr_rows() if row.status == "Left"}
    holders = [
        person
        for person in people
        if owners[person.id] and (not person.enabled or person.employee_id in left)
    ]
    (operator,) = [person for person in holders if person.has_permission(Permission.READ)]
    certificates = organisation.certificates.values()
    pending = [each for each in certificates if each.status == PENDING_REVOCATION]
    expected = {
        "Blank staff numbers": 1,
        "Duplicate lines": 5,
        "Lost zeros": 8,
        "Left but enabled": 30,
        "Joined but missing": 25,
        "Moved": 12,
        "Service accounts": 15,
        "Enabled, not in HR": 1,
        "Leavers with a card": len(holders),
        "Without a card": sum(person.enabled and not owners[person.id] for person in people),
        "Waiting over 30 days": 20,
        "Revocation pending": len(pending),
    }
    book = sheets(ran.folder / "audit.xlsx")
    (everybody,) = sheets(ran.folder / "everybody.xlsx").values()

    assert ran.surprises == []
    assert ran.people(organisation) == []
    assert f"{len(hr_rows()):,} lines" in ran.text("hr")
    assert "The same person: True" in ran.text("owner")
    assert f"{len(pending)} certificates of 5 people" in ran.text("revoked")
    counts = re.findall(r"^(\S.*?) +(\d+)$", ran.text("summary"), re.MULTILINE)
    assert {name: int(count) for name, count in counts} == expected
    summary, evidence, *_ = book
    assert (summary, evidence) == ("Summary", "Evidence")
    assert {name: len(rows) - 1 for name, rows in [*book.items()][2:]} == expected
    assert "complete: True" in ran.text("evidence")
    digest = sha256((ran.folder / "hr-list.csv").read_bytes()).hexdigest()
    assert digest in book["Evidence"][1]
    assert [row[:2] for row in book["Evidence"][2:]] == [
        ["people", f"{len(people)}"],
        ["records", f"{len(people)}"],
        ["devices", f"{len(organisation.devices)}"],
        ["requests", "90"],
        ["certificates", f"{len(pending)}"],
    ]
    assert operator.logon_name in book["Leavers with a card"][1]
    assert any(cell.startswith("=HYPERLINK(") for row in everybody for cell in row)
