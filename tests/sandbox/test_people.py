"""Searching and reading people through the Core API."""

import re

import pytest
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import HandmadeClient, jwt_parts

Row = dict[str, str]


@pytest.fixture
def token(client: HandmadeClient) -> str:
    """A token of jane.doe, who sees everybody."""
    return client.access_token()


def search(client: HandmadeClient, token: str, **criteria: str) -> list[Row]:
    """Return the rows of a search."""
    answer = client.call(token, "people", params=criteria).json()
    assert list(answer) == ["results"]
    rows: list[Row] = answer["results"]
    return rows


def test_a_row_is_flat(client: HandmadeClient, token: str) -> None:
    """A search row has flat members, enabled as a word and an href below the API."""
    (row,) = search(client, token, logonName="jane.doe")

    assert row["id"] == jwt_parts(token)[1]["sub"]
    assert row["href"] == f"people/{row['id']}"
    names = ("logonName", "firstName", "surname", "enabled")
    assert [row[name] for name in names] == ["jane.doe", "Jane", "Doe", "Yes"]
    assert all(isinstance(value, str) for value in row.values())
    assert search(client, token, logonName="disabled.dan2")[0]["enabled"] == "No"


def test_a_record_is_nested(client: HandmadeClient, token: str) -> None:
    """A single person is nested, enabled is a number, and links say what can be done."""
    (row,) = search(client, token, logonName="jane.doe")
    record = client.call(token, row["href"], params={"dirInfo": "true"}).json()

    assert record["enabled"] == 1
    assert record["name"] == {"first": "Jane", "last": "Doe", "fullName": "Jane Doe", "title": ""}
    assert set(record) >= {"contact", "group", "account", "personal", "address", "employeeId"}
    assert record["roles"] == [{"id": "Operator", "name": "Operator", "scope": "all"}]
    assert {link["href"].split("/")[0] for link in record["links"]} == {"people"}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"q": "Jane Doe"}, {"jane.doe"}),
        ({"q": "dora.dep"}, {"dora.department"}),
        ({"q": "theo.*"}, {"theo.three"}),
        ({"logonName": "JANE.DOE"}, {"jane.doe"}),
        ({"logonName": "jane"}, set()),
        ({"employeeId": "f0001"}, {"jane.doe"}),
        ({"name.last": "doe"}, {"jane.doe"}),
        ({"name.first": "jane", "name.last": "department"}, set()),
        ({"name.first": "olga", "name.last": "On*"}, {"olga.one"}),
        ({"name.last": "D*e", "name.first": "Jane"}, {"jane.doe"}),
        ({"q": "jane.doe", "name.last": "Doe"}, {"jane.doe"}),
        ({"q": "no such person"}, set()),
        ({"q": "(["}, set()),
    ],
)
def test_criteria(client: HandmadeClient, token: str, criteria: Row, expected: set[str]) -> None:
    """Criteria ignore case and all must hold; without a star a field matches as a whole."""
    assert {row["logonName"] for row in search(client, token, **criteria)} == expected


def test_q_with_a_star_is_a_prefix(client: HandmadeClient, token: str) -> None:
    """``an*`` finds who has a first, last or logon name that begins so, in any case."""
    rows = search(client, token, q="AN*")

    assert len(rows) > 10
    for row in rows:
        names = (row["firstName"], row["surname"], row["logonName"])
        assert any(name.lower().startswith("an") for name in names)


def test_q_without_a_star_is_contained(client: HandmadeClient, token: str) -> None:
    """Plain ``q`` finds it anywhere in a name."""
    rows = search(client, token, q="ANN")

    assert any(not row["logonName"].startswith("ann") for row in rows)
    assert all("ann" in f"{row['fullName']} {row['logonName']}".lower() for row in rows)


def test_a_search_is_cut_at_200_rows(client: HandmadeClient, token: str) -> None:
    """More than 2,000 people match, and 200 rows come, without a word about the rest."""
    assert len(search(client, token)) == 200
    assert len(search(client, token, q="*")) == 200


def test_the_people_are_many_and_always_the_same(sandbox: SandboxProcess) -> None:
    """Over 2,000 distinct people, whom another start of the sandbox knows by the same ids."""
    seen = []
    with SandboxProcess.start() as other:
        for each in (sandbox, other):
            client = HandmadeClient(each)
            token = client.access_token()
            rows: dict[str, Row] = {}
            for number in range(22):
                found = search(client, token, employeeId=f"E{number:03}*")
                rows |= {row["id"]: row for row in found}
            seen.append(rows)

    assert seen[0] == seen[1]
    assert len({row["logonName"] for row in seen[0].values()}) == len(seen[0]) > 2000
    assert len({row["groupName"] for row in seen[0].values()}) == 25


def test_paths_ignore_case(client: HandmadeClient, token: str) -> None:
    """``People`` and ``people``, ids in any case, and a version header are all the same."""
    person_id = jwt_parts(token)[1]["sub"]
    headers = {"Authorization": f"Bearer {token}", "x-api-version": "1"}
    url = f"{client.sandbox.url}/Rest.Core/API/People/{person_id.lower()}"

    assert client.send("GET", url, headers=headers).json()["id"] == person_id


def test_an_unknown_person_is_404_in_json(client: HandmadeClient, token: str) -> None:
    """An error has a code and a message."""
    response = client.call(token, "people/00000000-0000-4000-8000-000000000000")

    assert response.status_code == 404
    assert re.fullmatch("WS90404", response.json()["code"])
    assert response.json()["message"] == "Person not found or out of scope"
