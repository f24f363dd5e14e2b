"""What an operator sees: the role's permission and the role's scope (CORE 2.2)."""

import pytest
from support.servers.sandbox_client import HandmadeClient


def ids(client: HandmadeClient, token: str, **criteria: str) -> dict[str, str]:
    """Return the logon names found, with their ids."""
    return {row["logonName"]: row["id"] for row in client.rows(token, "people", **criteria)}


def test_scope_self(client: HandmadeClient) -> None:
    """Scope self sees one person, and 404 for all others."""
    everybody = ids(client, client.access_token(), group="Chemistry")
    token = client.access_token("sam.self")

    assert list(ids(client, token)) == ["sam.self"]
    assert client.call(token, f"people/{everybody['sam.self']}").status_code == 200
    assert client.call(token, f"people/{everybody['jane.doe']}").status_code == 404
    assert client.call(token, f"people/{everybody['jane.doe']}/devices").status_code == 404


@pytest.mark.parametrize(
    ("username", "departments"),
    [
        ("dora.department", {"Chemistry"}),
        ("dan.division", {"Chemistry", "Physics", "Biology", "Statistics", "Field Studies"}),
    ],
)
def test_scope_department_and_division(
    client: HandmadeClient, username: str, departments: set[str]
) -> None:
    """Scope department sees its department, scope division every department of its division."""
    token = client.access_token(username)
    jane = client.access_token()
    seen = {row["groupName"] for row in client.rows(token, "people")}
    everybody = client.rows(jane, "people")
    unseen = {row["id"] for row in everybody if row["groupName"] not in departments}

    assert seen == departments
    assert client.call(token, f"people/{min(unseen)}").status_code == 404


def test_devices_and_certificates_follow_their_owner(client: HandmadeClient) -> None:
    """A device is in scope if its owner is; its certificates are in scope if it is."""
    jane = client.access_token()
    device = client.call(jane, "devices?owner=jane.doe").json()["results"][0]
    certificates = client.call(jane, f"{device['href']}/certificates").json()["results"]
    token = client.access_token("sam.self")
    paths = (device["href"], f"{device['href']}/certificates", certificates[0]["href"])

    assert [client.call(jane, path).status_code for path in paths] == [200] * 3
    assert [client.call(token, path).status_code for path in paths] == [404] * 3
    for search in (f"devices?sn={device['sn']}", "certificates"):
        found = {row["id"] for row in client.rows(token, search)}
        assert not found & {device["id"], certificates[0]["id"]}


@pytest.mark.parametrize(
    "path",
    ["people", "devices", "certificates", "groups", "roles", "dirs", "requests", "groups/browse"],
)
def test_no_permission(client: HandmadeClient, path: str) -> None:
    """A role without permission gives 403 everywhere."""
    response = client.call(client.access_token("nora.norole"), path)

    assert (response.status_code, response.json()["code"]) == (403, "WS90403")


def test_reading_is_not_writing(client: HandmadeClient) -> None:
    """A role that only reads gives 403 for a change."""
    token = client.access_token("olga.one", ("green",))
    jane = ids(client, token, logonName="jane.doe")["jane.doe"]

    assert client.call(token, f"people/{jane}").status_code == 200
    response = client.call(token, f"people/{jane}", "PATCH", json={"enabled": 0})
    assert response.status_code == 403


def test_a_disabled_operator_is_shut_out(client: HandmadeClient) -> None:
    """The token of a person who was disabled meanwhile is refused."""
    jane = client.access_token()
    sam = client.access_token("sam.self")
    person_id = ids(client, jane, logonName="sam.self")["sam.self"]
    assert client.call(jane, f"people/{person_id}", "PATCH", json={"enabled": 0}).ok

    assert client.call(sam, "people").status_code == 401
