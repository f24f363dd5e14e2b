"""The OpenAPI file of the Core API."""

from typing import Any

import pytest
from support.servers.sandbox_client import HandmadeClient

METHODS = {"get", "post", "patch"}


def file_of(client: HandmadeClient) -> dict[str, Any]:
    """Return the OpenAPI file, read without a token."""
    url = f"{client.sandbox.url}/rest.core/swagger/OpenApi/swagger.json"
    document: dict[str, Any] = client.send("GET", url).json()
    return document


def test_its_paths(client: HandmadeClient) -> None:
    """It has the Core API and nothing else, each operation with what there is to say."""
    paths = file_of(client)["paths"]
    operations = [each for path in paths.values() for each in path.values()]

    assert {"/people", "/people/{id}/devices", "/credProfiles", "/groups/browse"} < set(paths)
    assert {method for path in paths.values() for method in path} == METHODS
    assert all(each["summary"] and each["description"] for each in operations)
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names)) == 22
    assert not [path for path in paths if path.count("{") != path.count("{id}")]


def test_its_query_parameters(client: HandmadeClient) -> None:
    """A query parameter has a description, which says if its name is an assumption."""
    paths = file_of(client)["paths"]
    parameters = {each["name"]: each for each in paths["/people"]["get"]["parameters"]}

    assert parameters["name.last"] == {
        "name": "name.last",
        "in": "query",
        "description": "Surname. May contain *.",
        "required": False,
        "schema": {"type": "string"},
    }
    assert parameters["email"]["description"].endswith(" Assumed name.")
    assert paths["/people/{id}"]["get"]["parameters"][1]["name"] == "dirInfo"


def test_permissions(client: HandmadeClient) -> None:
    """An operation names its permission and the roles that have it; they are the real ones."""
    paths = file_of(client)["paths"]
    read = [{"permission": "read", "roles": ["Analyst", "Operator"]}]
    write = [{"permission": "write", "roles": ["Operator"]}]

    for operations in paths.values():
        for method, operation in operations.items():
            assert operation["x-permissions"] == (read if method == "get" else write)
    olga = client.access_token("olga.one", ("green",))
    assert client.call(olga, "people").ok
    assert client.call(olga, "people", "POST", json={"logonName": "x"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/rest.core/swagger/openapi/swagger.json", "/REST.CORE/Swagger/OPENAPI/Swagger.JSON"]
)
def test_its_address_ignores_case(client: HandmadeClient, path: str) -> None:
    """It is served at its address in any case."""
    assert client.send("GET", f"{client.sandbox.url}{path}").json() == file_of(client)


def test_it_can_be_off(client: HandmadeClient) -> None:
    """``swagger: false`` is a MyID as it is installed."""
    client.sandbox.faults(swagger=False)
    url = f"{client.sandbox.url}/rest.core/swagger/OpenApi/swagger.json"

    assert client.send("GET", url).status_code == 404
    client.sandbox.reset()
    assert client.send("GET", url).ok
