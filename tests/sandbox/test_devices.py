"""Devices, certificates and what people are put into, through the Core API."""

from datetime import datetime

import pytest
from support.servers.sandbox_client import HandmadeClient


@pytest.fixture
def token(client: HandmadeClient) -> str:
    """A token of jane.doe, who sees everything."""
    return client.access_token()


def test_a_device_row_is_flat_and_its_record_nested(client: HandmadeClient, token: str) -> None:
    """The same device says ``owner`` as text in a row and as an object in its record."""
    (row, _) = client.call(token, "devices?owner=jane.doe").json()["results"]
    record = client.call(token, row["href"]).json()

    assert row["owner"] == record["owner"]["name"] == "Jane Doe"
    assert row["credProfileName"] == record["credProfile"]["name"]
    dates = [row["validFrom"], row["validUntil"]]
    assert dates == [record["validity"]["from"], record["validity"]["to"]]
    assert [datetime.fromisoformat(date).tzinfo for date in dates] == [None, None]
    for name in ("id", "sn", "dt", "processStatus"):
        assert row[name] == record[name]
    assert set(record) >= {"fascn", "links"}


def test_certificates(client: HandmadeClient, token: str) -> None:
    """A certificate has MyID's members, its status as a number."""
    device = client.call(token, "devices?owner=jane.doe").json()["results"][0]
    rows = client.call(token, f"{device['href']}/certificates").json()["results"]
    one = client.call(token, rows[0]["href"]).json()
    serial = rows[0]["certSerialNo"]

    assert one == rows[0]
    assert (one["status"], one["userDN"].startswith("CN=Jane Doe,")) == (1, True)
    assert set(one) >= {"certPolicy", "containerName", "dateIssued", "expiryDate"}
    found = client.call(token, f"certificates?certSerialNo={serial}").json()["results"]
    assert found == [one]


@pytest.mark.parametrize("path", ["devices/x", "certificates/x", "requests/x", "people/x"])
def test_unknown_ids_are_404(client: HandmadeClient, token: str, path: str) -> None:
    """An id that is nobody's is 404."""
    assert client.call(token, path).status_code == 404


def test_the_catalogue(client: HandmadeClient, token: str) -> None:
    """Groups and profiles are searched by name; roles are not, and have their name as id."""
    (physics,) = client.call(token, "Groups?q=physics").json()["results"]
    roles = client.call(token, "Roles?q=nothing").json()["results"]

    assert (physics["name"], physics["parentName"]) == ("Physics", "Research")
    assert client.call(token, physics["href"]).json() == physics
    assert client.call(token, "groups/nothing").status_code == 404
    assert [role["id"] for role in roles] == [role["name"] for role in roles]
    assert {role["id"] for role in roles} >= {"Applicant", "Operator"}
    profiles = client.call(token, "CredProfiles").json()["results"]
    assert client.call(token, f"CredProfiles?q={profiles[0]['name']}").json()["results"] == [
        each for each in profiles if profiles[0]["name"].lower() in each["name"].lower()
    ]
    assert len(client.call(token, "Dirs").json()["results"]) == 1


def test_the_tree_of_groups(client: HandmadeClient, token: str) -> None:
    """``groups/browse`` has every group once: the departments as children of their division."""
    tree = client.call(token, "groups/browse").json()["results"]
    groups = client.rows(token, "groups")
    flat = []
    for division in tree:
        children = division.pop("children")
        assert [each.pop("children") for each in children] == [[]] * len(children)
        assert {each["parentName"] for each in children} == {division["name"]}
        flat += [division, *children]

    assert {each["parentName"] for each in tree} == {""}
    assert sorted(flat, key=str) == sorted(groups, key=str)
