"""Writing through the Core API; the reset undoes it."""

from typing import Any

import pytest
from support.servers.sandbox_client import HandmadeClient

REASON = {"reason": {"statusMappingId": 2, "description": "lost"}}


@pytest.fixture
def token(client: HandmadeClient) -> str:
    """A token of jane.doe, who may write anywhere."""
    return client.access_token()


def group_id(client: HandmadeClient, token: str, name: str) -> str:
    """Return the id of a group."""
    return str(client.call(token, f"groups?q={name}").json()["results"][0]["id"])


def new_person(client: HandmadeClient, token: str, **changes: object) -> dict[str, Any]:
    """Return the body that adds a person."""
    return {
        "logonName": "new.comer",
        "enabled": "1",
        "name": {"first": "New", "last": "Comer"},
        "group": {"id": group_id(client, token, "Physics")},
        "roles": [{"id": "Cardholder", "name": "Cardholder", "scope": "self"}],
        "contact": {"emailAddress": "new@myid.example"},
        **changes,
    }


def find(client: HandmadeClient, token: str, logon_name: str) -> str:
    """Return the path of a person."""
    rows = client.call(token, f"people?logonName={logon_name}").json()["results"]
    return str(rows[0]["href"])


def test_adding_a_person(client: HandmadeClient, token: str) -> None:
    """A new person comes back as a full record and is found from then on."""
    added = client.call(token, "people", "POST", json=new_person(client, token)).json()

    assert added == client.call(token, find(client, token, "new.comer")).json()
    assert (added["enabled"], added["name"]["fullName"]) == (1, "New Comer")
    assert added["group"]["name"] == "Physics"
    assert added["contact"]["emailAddress"] == "new@myid.example"
    assert added["roles"] == [{"id": "Cardholder", "name": "Cardholder", "scope": "self"}]


def test_a_logon_name_is_unique(client: HandmadeClient, token: str) -> None:
    """A taken logon name, whatever its case, is refused in MyID's words."""
    body = new_person(client, token, logonName="Jane.Doe")
    response = client.call(token, "people", "POST", json=body)

    assert response.status_code == 400
    expected = "Validation problem, the value for 'logonName', 'Jane.Doe', already exists"
    assert response.json()["message"] == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"logonName": None},
        {"logonName": " "},
        {"group": None},
        {"group": {"id": "nowhere"}},
        {"roles": [{"id": "Nothing", "scope": "all"}]},
        {"roles": [{"id": "Operator", "scope": "galaxy"}]},
        {"enabled": 2},
    ],
)
def test_a_wrong_body_is_400(
    client: HandmadeClient, token: str, changes: dict[str, object]
) -> None:
    """What cannot be taken is a validation problem with code and message, and adds nobody."""
    response = client.call(token, "people", "POST", json=new_person(client, token, **changes))

    assert (response.status_code, sorted(response.json())) == (400, ["code", "message"])
    assert response.json()["message"].startswith("Validation problem")
    assert not client.call(token, "people?name.last=Comer").json()["results"]


def test_changing_a_person(client: HandmadeClient, token: str) -> None:
    """PATCH changes what is sent and leaves the rest; the old logon name is free again."""
    path = find(client, token, "theo.three")
    before = client.call(token, path).json()
    body = {"logonName": "theo.more", "name": {"last": "More"}, "employeeId": "X1"}
    after = client.call(token, path, "PATCH", json=body).json()

    assert (after["logonName"], after["employeeId"]) == ("theo.more", "X1")
    assert after["name"] == {**before["name"], "last": "More", "fullName": "Theo More"}
    assert (after["contact"], after["group"]) == (before["contact"], before["group"])
    body = new_person(client, token, logonName="theo.three")
    assert client.call(token, "people", "POST", json=body).ok


def test_a_change_stays_in_scope(client: HandmadeClient, token: str) -> None:
    """An operator cannot put a person where the operator's own scope ends."""
    dora = client.access_token("dora.department")
    body = new_person(client, token)

    assert client.call(dora, "people", "POST", json=body).status_code == 403
    path = find(client, token, "sam.self")
    moved = client.call(dora, path, "PATCH", json={"group": body["group"]})
    assert moved.status_code == 403
    assert client.call(token, path).json()["group"]["name"] == "Chemistry"


def test_disabling_a_person(client: HandmadeClient, token: str) -> None:
    """Disable needs a reason, answers with the record, and takes the link away."""
    path = find(client, token, "olga.one")
    assert client.call(token, f"{path}/disable", "POST", json={}).status_code == 400
    reasons = client.call(token, f"{path}/statusMappings?op=100113").json()["results"]
    reason = {"reason": {"statusMappingId": reasons[0]["id"], "description": "left"}}
    before = client.call(token, path).json()
    after = client.call(token, f"{path}/disable", "POST", json=reason).json()

    assert (before["enabled"], after["enabled"]) == (1, 0)
    assert client.call(token, path).json() == after
    assert {link["op"] for link in before["links"]} - {link["op"] for link in after["links"]} == {
        "100113"
    }


def test_cancelling_a_device(client: HandmadeClient, token: str) -> None:
    """Cancel takes a device from its person and revokes its certificates."""
    (device, other) = client.rows(token, "devices", owner="jane.doe")
    assert client.call(token, device["href"]).json()["owner"]["name"] == "Jane Doe"
    assert device["sn"] not in [row["sn"] for row in client.rows(token, "devices", assigned="no")]
    record = client.call(token, f"{device['href']}/cancel", "POST", json=REASON).json()
    certificates = client.call(token, f"{device['href']}/certificates").json()["results"]

    assert record == client.call(token, device["href"]).json()
    assert record["processStatus"] == "Erased"
    assert "owner" not in record
    assert {certificate["status"] for certificate in certificates} == {8}
    assert client.rows(token, f"{find(client, token, 'jane.doe')}/devices") == [other]
    for criteria in ({}, {"assigned": "yes"}, {"owner": "jane.doe"}):
        assert device["sn"] not in [row["sn"] for row in client.rows(token, "devices", **criteria)]
    (found,) = client.rows(token, "devices", sn=device["sn"], assigned="no")
    assert found == device | {"owner": "", "processStatus": "Erased"}
    again = client.call(token, f"{device['href']}/cancel", "POST", json=REASON)
    assert (again.status_code, again.json()["message"]) == (
        400,
        "The device is not assigned to anybody",
    )


def test_nobodys_devices(client: HandmadeClient, token: str) -> None:
    """A device that nobody holds is in the scope of who sees everybody, and its certificates."""
    dora = client.access_token("dora.department")
    (device, *_) = client.rows(token, "devices", assigned="no")
    serial = client.rows(token, f"{device['href']}/certificates")[0]["certSerialNo"]

    assert client.rows(dora, "devices", assigned="no") == []
    assert client.call(dora, device["href"]).status_code == 404
    assert client.rows(dora, "certificates", certSerialNo=serial) == []
    assert client.rows(token, "certificates", certSerialNo=serial)


def test_requesting_a_credential(client: HandmadeClient, token: str) -> None:
    """A request is answered with its record and is listed for who sees its target."""
    (profile,) = client.call(token, "credProfiles?q=smart card").json()["results"][:1]
    body = {"credProfile": {"id": profile["id"]}}
    path = find(client, token, "olga.one")
    request = client.call(token, f"{path}/requests", "POST", json=body).json()

    assert request["status"] == "Awaiting Issue"
    assert request["target"]["logonName"] == "olga.one"
    assert request["initiator"]["logonName"] == "jane.doe"
    assert "approver" not in request
    assert request["credProfile"] == {"id": profile["id"], "name": profile["name"]}
    assert client.rows(token, "requests")[-1] == request
    assert client.call(token, f"requests/{request['id']}").json() == request
    sam = client.access_token("sam.self")
    assert client.rows(sam, "requests") == []
    assert client.call(sam, f"requests/{request['id']}").status_code == 404
    unknown = {"credProfile": {"id": "nothing"}}
    assert client.call(token, f"{path}/requests", "POST", json=unknown).status_code == 400


def test_the_reset_restores_the_people(client: HandmadeClient, token: str) -> None:
    """After a reset everything is as at the start; tokens keep working."""
    path = find(client, token, "olga.one")
    before = client.call(token, path).json()
    client.call(token, path, "PATCH", json={"enabled": 0, "logonName": "other"})
    client.call(token, "people", "POST", json=new_person(client, token))
    client.sandbox.reset()

    assert client.call(token, path).json() == before
    assert not client.call(token, "people?logonName=new.comer").json()["results"]
    assert find(client, token, "olga.one") == path
