"""Which query parameters filter a collection, and what they find."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import HandmadeClient

Row = dict[str, Any]

KNOWN = {
    "people": "q logonName employeeId name.first name.last group enabled email upn start",
    "devices": (
        "sn owner processStatus assigned dt credProfile "
        "expiresAfter expiresBefore validAfter validBefore start"
    ),
    "certificates": "certSerialNo status expiresAfter expiresBefore policy start",
    "requests": "status start",
    "groups": "q start",
    "groups/browse": "start",
    "roles": "start",
    "credProfiles": "q start",
    "dirs": "start",
}
"""The parameters that each collection knows."""


@pytest.fixture
def token(client: HandmadeClient) -> str:
    """A token of jane.doe, who sees everything."""
    return client.access_token()


@pytest.fixture
def jane_device(client: HandmadeClient, token: str) -> Row:
    """A device that jane.doe holds."""
    return client.rows(token, "devices", owner="jane.doe")[0]


def logon_names(client: HandmadeClient, token: str, criteria: dict[str, str]) -> set[str]:
    """Return the logon names that a search finds."""
    return {row["logonName"] for row in client.rows(token, "people", **criteria)}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"logonName": "JANE.DOE"}, {"jane.doe"}),
        ({"logonName": "jane"}, set()),
        ({"logonName": "jane.d*"}, {"jane.doe"}),
        ({"logonName": "*e.d*e", "employeeId": "F0001"}, {"jane.doe"}),
        ({"logonName": "jane?doe"}, set()),
        ({"LOGONNAME": "jane.doe"}, {"jane.doe"}),
        ({"employeeId": "f0001"}, {"jane.doe"}),
        ({"NAME.Last": "doe", "name.first": "JANE"}, {"jane.doe"}),
        ({"name.first": "jane", "name.last": "department"}, set()),
        ({"name.first": "olga", "name.last": "O*n*e"}, {"olga.one"}),
        ({"email": "Jane.Doe@myid.example"}, {"jane.doe"}),
        ({"upn": "jane.*@MYID.example", "name.last": "Doe"}, {"jane.doe"}),
        ({"group": "chemistry", "logonName": "jane.doe"}, {"jane.doe"}),
        ({"group": "Physics", "logonName": "jane.doe"}, set()),
        ({"enabled": "no", "logonName": "disabled.dan2"}, {"disabled.dan2"}),
        ({"enabled": "TRUE", "logonName": "disabled.dan2"}, set()),
        ({"enabled": "", "q": "", "name.last": " ", "logonName": "jane.doe"}, {"jane.doe"}),
    ],
)
def test_fields(
    client: HandmadeClient, token: str, criteria: dict[str, str], expected: set[str]
) -> None:
    """Names and values ignore case, a star stands for anything, all criteria must hold."""
    assert logon_names(client, token, criteria) == expected


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("Jane Doe", True),
        ("doe JANE", True),
        ("ja do", True),
        ("jane.d", True),
        ("ane", False),
        ("jane smith", False),
        ("([", False),
    ],
)
def test_q_is_starts_of_words(client: HandmadeClient, token: str, q: str, *, found: bool) -> None:
    """Every word of ``q`` begins a word of the full name or of the logon name."""
    assert ("jane.doe" in logon_names(client, token, {"q": q})) == found


@pytest.mark.parametrize("path", ["people", "groups", "credProfiles"])
@pytest.mark.parametrize("q", ["jo*", "*", "a * b"])
def test_q_takes_no_wildcard(client: HandmadeClient, token: str, path: str, q: str) -> None:
    """A star in ``q`` is refused in words that name the value."""
    response = client.call(token, path, params={"q": q})

    assert response.status_code == 400
    assert response.json()["message"] == (
        f"Validation problem, the value for 'q', '{q}', must not contain wildcards"
    )


@pytest.mark.parametrize(
    "query",
    [
        "people?enabled=maybe",
        "people?enabled=*",
        "certificates?status=3",
        "certificates?status=issued",
        "devices?expiresAfter=tomorrow",
        "devices?validBefore=2026-02-30",
        "certificates?expiresBefore=*",
        "certificates?EXPIRESAFTER=0001-01-01T00:00:00%2B10:00",
    ],
)
def test_what_cannot_be_a_value_is_400(client: HandmadeClient, token: str, query: str) -> None:
    """A value outside a fixed set, or that is no date, is a validation problem."""
    response = client.call(token, query)

    assert (response.status_code, sorted(response.json())) == (400, ["code", "message"])
    assert response.json()["message"].startswith("Validation problem, the value for '")


def test_a_value_of_stars_is_no_burden(client: HandmadeClient, token: str) -> None:
    """However many stars a value has, and a name could match each, the search is soon done."""
    group = {"id": client.rows(token, "groups", q="Physics")[0]["id"]}
    body = {"logonName": "long", "group": group, "name": {"last": "a" * 200}}
    assert client.call(token, "people", "POST", json=body).ok
    stars = {"name.last": "*a" * 30}

    assert client.call(token, "people", params=stars, timeout=5).json()["results"] != []
    stars["name.last"] += "!"
    assert client.call(token, "people", params=stars, timeout=5).json()["results"] == []


@pytest.mark.parametrize("owner", ["jane.doe", "JANE.*", "F0001"])
def test_devices_by_owner(client: HandmadeClient, token: str, owner: str) -> None:
    """The owner is named by logon name or employee id, not by full name."""
    rows = client.rows(token, "devices", owner=owner)

    assert len(rows) == 2
    assert {row["owner"] for row in rows} == {"Jane Doe"}
    assert client.rows(token, "devices", owner="Jane Doe") == []


def test_devices_by_serial_number(client: HandmadeClient, token: str, jane_device: Row) -> None:
    """A serial number is found as a whole, or by its beginning and a star."""
    number = jane_device["sn"]

    assert client.rows(token, "devices", sn=number.lower()) == [jane_device]
    assert jane_device in client.rows(token, "devices", sn=f"{number[:6]}*")
    assert client.rows(token, "devices", sn=number[:6]) == []


@pytest.mark.parametrize(
    ("path", "parameter", "member"),
    [
        ("devices", "processStatus", "processStatus"),
        ("devices", "dt", "dt"),
        ("devices", "credProfile", "credProfileName"),
        ("certificates", "certSerialNo", "certSerialNo"),
        ("certificates", "policy", "certPolicy"),
        ("certificates", "status", "status"),
    ],
)
def test_a_member_as_a_filter(
    client: HandmadeClient, token: str, path: str, parameter: str, member: str
) -> None:
    """The filter finds all rows that have the value, and no others."""
    client.sandbox.faults(page_size=1000)
    rows = client.rows(token, path)
    value = rows[0][member]

    expected = [row for row in rows if row[member] == value]
    assert client.rows(token, path, **{parameter: str(value).upper()}) == expected


@pytest.mark.parametrize(
    ("path", "after", "before", "member"),
    [
        ("devices", "expiresAfter", "expiresBefore", "validUntil"),
        ("devices", "validAfter", "validBefore", "validFrom"),
        ("certificates", "expiresAfter", "expiresBefore", "expiryDate"),
    ],
)
def test_periods(
    client: HandmadeClient, token: str, path: str, after: str, before: str, member: str
) -> None:
    """A period has its first moment and not its last; a date without a time is its midnight."""
    client.sandbox.faults(page_size=1000)
    rows = client.rows(token, path)
    dates = sorted({row[member] for row in rows if row[member]}, key=datetime.fromisoformat)
    first, last = dates[len(dates) // 3], dates[2 * len(dates) // 3]
    midnight = f"{last[:10]}T00:00:00"

    def within(begin: str, end: str) -> list[Row]:
        moments = [datetime.fromisoformat(each) for each in (begin, end)]
        return [
            row
            for row in rows
            if row[member] and moments[0] <= datetime.fromisoformat(row[member]) < moments[1]
        ]

    assert client.rows(token, path, **{after: first, before: last}) == within(first, last) != []
    assert client.rows(token, path, **{after: first, before: last[:10]}) == within(first, midnight)


@pytest.mark.parametrize("path", list(KNOWN))
def test_the_parameters_of_a_collection(client: HandmadeClient, token: str, path: str) -> None:
    """A collection knows what its description lists: a value nobody has finds nothing there."""
    document = client.send("GET", f"{client.sandbox.url}/rest.core/swagger/OpenApi/swagger.json")
    listed = document.json()["paths"][f"/{path}"]["get"]["parameters"]

    assert [each["name"] for each in listed] == KNOWN[path].split()
    for name in KNOWN[path].split():
        response = client.call(token, path, params={name: "nobody-has-this"})
        assert response.status_code == 400 or response.json()["results"] == []


@pytest.fixture(scope="module")
def first_pages(sandbox_process: SandboxProcess) -> Callable[[str, str], Any]:
    """A function that returns the rows of a path and query."""
    sandbox_process.reset()
    client = HandmadeClient(sandbox_process)
    token = client.access_token()
    return lambda path, query: client.call(token, f"{path}?{query}").json()["results"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(sorted(KNOWN)), name=st.text(), value=st.text())
def test_an_unknown_parameter_is_ignored(
    first_pages: Callable[[str, str], Any], path: str, name: str, value: str
) -> None:
    """A parameter that a collection does not know changes nothing: everybody comes back."""
    if name.lower() in KNOWN[path].lower().split():
        return
    query = f"{quote(name, errors='replace')}={quote(value, errors='replace')}"

    assert first_pages(path, query) == first_pages(path, "")
