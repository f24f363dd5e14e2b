"""The HR list of the tutorials differs from the sandbox's organisation as its table says."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import Person

HR_LIST = Path(__file__).parents[2] / "notebooks" / "hr-list.csv"

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The rows of the file."""
    with HR_LIST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def people() -> list[Person]:
    """Everybody in the default organisation."""
    return list(Directory().people.values())


def by_number(people: list[Person]) -> dict[str, Person]:
    """Return the people who have a staff number."""
    return {each.employee_id: each for each in people if each.employee_id}


def matched(rows: list[Row], people: list[Person]) -> list[tuple[Row, Person]]:
    """Return the rows whose staff number, padded with zeros, is in MyID, each with its person."""
    known = by_number(people)
    numbers = [(row, row["Staff number"].zfill(6)) for row in rows]
    numbers = [(row, number if number in known else row["Staff number"]) for row, number in numbers]
    return [(row, known[number]) for row, number in numbers if number in known]


def test_the_file_is_what_the_module_writes() -> None:
    """``python -m`` writes the file, in UTF-8 without a mark, with the same bytes each time."""
    command = [sys.executable, "-m", "myid_notebook.sandbox.population.hr_list"]
    written = subprocess.run(command, capture_output=True, timeout=100, check=True).stdout

    assert written.decode("utf-8").splitlines() == HR_LIST.read_text("utf-8").splitlines()
    assert b"\r" not in written
    assert written.startswith(b"Staff number,First name,Surname,Department,Status\n")


def test_rows_are_sorted(rows: list[Row]) -> None:
    """About 2,000 rows by staff number, each Active or Left."""
    numbers = [row["Staff number"] for row in rows]

    assert 1_950 <= len(rows) <= 2_050
    assert numbers == sorted(numbers)
    assert {row["Status"] for row in rows} == {"Active", "Left"}


def test_left_but_enabled(rows: list[Row], people: list[Person]) -> None:
    """30 people left and are enabled."""
    found = matched(rows, people)

    assert sum(row["Status"] == "Left" and person.enabled for row, person in found) == 30


def test_disabled_people(rows: list[Row], people: list[Person]) -> None:
    """Nobody who is disabled is Active in the list; some left, and others are not in it."""
    statuses = Counter(row["Status"] for row, person in matched(rows, people) if not person.enabled)
    disabled = sum(not person.enabled for person in people)

    assert [*statuses] == ["Left"]
    assert disabled / 2 < statuses["Left"] < disabled


def test_joined_but_missing(rows: list[Row], people: list[Person]) -> None:
    """25 people are Active and have a staff number that MyID does not know."""
    known = [id(row) for row, _ in matched(rows, people)]
    joined = [row for row in rows if id(row) not in known and row["Staff number"]]
    names = {(each.first_name, each.last_name) for each in people}

    assert len(joined) == len({row["Staff number"] for row in joined}) == 25
    assert {row["Status"] for row in joined} == {"Active"}
    assert names.isdisjoint((row["First name"], row["Surname"]) for row in joined)


def test_moved(rows: list[Row], people: list[Person]) -> None:
    """12 people have another department, which MyID has too; all names agree."""
    found = matched(rows, people)
    moved = [row for row, person in found if row["Department"] != person.department.name]

    assert len(moved) == 12
    assert {row["Department"] for row in rows} == {each.department.name for each in people}
    assert {row["Status"] for row in moved} == {"Active"}
    for row, person in found:
        assert (row["First name"], row["Surname"]) == (person.first_name, person.last_name)


def test_without_leading_zeros(rows: list[Row], people: list[Person]) -> None:
    """8 staff numbers lack their zeros; with them they belong to people of the same name."""
    known = by_number(people)
    short = [person for row, person in matched(rows, people) if row["Staff number"] not in known]

    assert len(short) == len({person.id for person in short}) == 8


def test_duplicates(rows: list[Row]) -> None:
    """5 rows are there twice, and no staff number is there with different rows."""
    counts = Counter(tuple(row.values()) for row in rows)

    assert Counter(counts.values()) == {1: len(rows) - 10, 2: 5}
    assert len({row["Staff number"] for row in rows}) == len(counts)


def test_blank_staff_number(rows: list[Row], people: list[Person]) -> None:
    """One row has no staff number; its name is in MyID once, and not elsewhere in the list."""
    (blank,) = [row for row in rows if not row["Staff number"]]
    name = (blank["First name"], blank["Surname"])

    assert [(each.first_name, each.last_name) for each in people].count(name) == 1
    assert [(row["First name"], row["Surname"]) for row in rows].count(name) == 1


def test_service_accounts_are_in_myid_only(rows: list[Row], people: list[Person]) -> None:
    """Who is enabled and not in the list by number or name is one of the 15 service accounts."""
    listed = {person.id for _, person in matched(rows, people)}
    names = {(row["First name"], row["Surname"]) for row in rows if not row["Staff number"]}
    missing = [
        each.logon_name
        for each in people
        if each.enabled and each.id not in listed and (each.first_name, each.last_name) not in names
    ]

    assert len(missing) == 15
    assert all(name.startswith("svc-") for name in missing)


def test_markup_and_formulas(rows: list[Row]) -> None:
    """The names that are a formula and markup are in it, as they are in MyID."""
    names = {row["First name"] for row in rows}

    assert {'=HYPERLINK("http://evil.example","x")', "<b>O</b>"} < names
