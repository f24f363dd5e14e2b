"""Searching and reading people through the Core API."""

import pytest
from support.servers.sandbox_client import HandmadeClient, jwt_parts

ROW = ("id", "logonName", "firstName", "surname", "groupName", "Enabled", "href")


@pytest.fixture
def token(client: HandmadeClient) -> str:
    """A token of jane.doe, who sees everybody and may change everything."""
    return client.access_token()


def test_a_row_is_flat(client: HandmadeClient, token: str) -> None:
    """A row has seven members of text in MyID's order, ``Enabled`` as a word, and a path."""
    (row,) = client.rows(token, "people", logonName="jane.doe")

    assert tuple(row) == ROW
    assert row["id"] == jwt_parts(token)[1]["sub"]
    assert row["href"] == f"people/{row['id']}"
    assert [row[name] for name in ROW[1:6]] == ["jane.doe", "Jane", "Doe", "Chemistry", "Yes"]
    assert client.rows(token, "people", logonName="disabled.dan2")[0]["Enabled"] == "No"


def test_a_record_is_nested(client: HandmadeClient, token: str) -> None:
    """A single person is nested, enabled is a number, and links say what can be done."""
    (row,) = client.rows(token, "people", logonName="jane.doe")
    record = client.call(token, row["href"], params={"dirInfo": "true"}).json()

    assert record["enabled"] == 1
    assert record["name"] == {"first": "Jane", "last": "Doe", "fullName": "Jane Doe", "title": ""}
    assert set(record) >= {"contact", "group", "account", "personal", "address", "employeeId"}
    assert record["account"]["upn"] == "jane.doe@myid.example"
    assert record["roles"] == [{"id": "Operator", "name": "Operator", "scope": "all"}]
    assert {link["href"].split("/")[0] for link in record["links"]} == {"people"}


def test_paths_ignore_case(client: HandmadeClient, token: str) -> None:
    """``People`` and ``people``, ids in any case, and a version header are all the same."""
    person_id = jwt_parts(token)[1]["sub"]
    headers = {"Authorization": f"Bearer {token}", "x-api-version": "1"}
    url = f"{client.sandbox.url}/Rest.Core/API/People/{person_id.lower()}"

    assert client.send("GET", url, headers=headers).json()["id"] == person_id
