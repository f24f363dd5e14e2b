"""What ``Rows.to_pandas`` costs beside ``pandas.json_normalize`` and ``pandas.DataFrame``.

The others give no types: dates and Yes or No stay text.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import pandas as pd
from harness import Bench, Table, milliseconds, run

from myid_notebook.explore.rows import Rows

ROWS = 6_000
THEIRS, OURS = "pandas.json_normalize", "Rows.to_pandas"
Record = dict[str, object]


def person(number: int) -> Record:
    """Return a row of a search for people: flat."""
    return {
        "id": f"{number:032X}",
        "href": f"people/{number:032X}",
        "logonName": f"user{number}",
        "firstName": f"First{number % 900}",
        "surname": f"Surname{number % 1_700}",
        "fullName": f"First{number % 900} Surname{number % 1_700}",
        "employeeId": f"{number:06}",
        "emailAddress": f"user{number}@myid.example",
        "groupName": f"Group {number % 40}",
        "enabled": "No" if number % 9 == 0 else "Yes",
    }


def device(number: int) -> Record:
    """Return a row of a search for devices: flat, with dates."""
    issued = datetime(2023, 1, 1) + timedelta(days=number % 900, seconds=number)  # noqa: DTZ001 - as MyID writes them
    return {
        "id": f"{number:032X}",
        "href": f"devices/{number:032X}",
        "sn": f"OBERTHUR{number:09}",
        "dt": "PIV card",
        "processStatus": "Active",
        "owner": f"First{number % 900} Surname{number % 1_700}",
        "credProfileName": "PIV",
        "validFrom": issued.isoformat(),
        "validUntil": (issued + timedelta(days=1_095)).isoformat(),
    }


def record(number: int) -> Record:
    """Return the record of a person: nested, with links."""
    own = f"people/{number:032X}"
    return {
        "id": f"{number:032X}",
        "logonName": f"user{number}",
        "employeeId": f"{number:06}",
        "enabled": int(number % 9 != 0),
        "name": {"first": f"First{number % 900}", "last": f"Surname{number}", "title": ""},
        "contact": {"emailAddress": f"user{number}@myid.example", "phoneNumber": None},
        "group": {"id": f"{number % 40:032X}", "name": f"Group {number % 40}"},
        "roles": [{"id": "Cardholder", "name": "Cardholder", "scope": "self"}],
        "account": {"cn": f"user{number}", "upn": f"user{number}@myid", "domain": "MYID"},
        "personal": {"dateOfBirth": "1980-01-02"},
        "links": [{"op": op, "href": f"{own}/{op}"} for op in ("edit", "devices", "disable")],
    }


def compare(bench: Bench, what: str, make: Callable[[int], Record]) -> Table:
    """Make a table of each kind of row."""
    # From JSON, as they come: a text that occurs twice is two objects.
    rows = Rows(json.loads(json.dumps([make(number) for number in range(ROWS)])))
    ways: dict[str, Callable[[], object]] = {
        THEIRS: lambda: pd.json_normalize(rows),
        OURS: rows.to_pandas,
        "pandas.DataFrame": lambda: pd.DataFrame(rows),
    }
    contenders = {name: partial(milliseconds, way) for name, way in ways.items()}
    samples, _ = bench.interleaved(contenders, 25, seconds=20)
    table = Table(f"{ROWS:,} {what}", "ms", samples, THEIRS, OURS)
    table.reach("at most the time of json_normalize", OURS, 1, THEIRS)
    return table


def measure(bench: Bench) -> Iterator[Table]:
    """Compare for what a search returns, and for records."""
    yield compare(bench, "rows of people", person)
    yield compare(bench, "rows of devices", device)
    yield compare(bench, "records of people", record)


if __name__ == "__main__":
    run(measure)
