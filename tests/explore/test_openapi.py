"""The operations of the API, from MyID's description or from Intercede's publications."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.servers.http_server import HttpServer, json_body, redirect_to
from support.servers.sandbox import SandboxProcess
from support.values.oauth import token_response

from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.description import known_parameters
from myid_notebook.explore.openapi import PUBLISHED, operations
from myid_notebook.explore.search import FilterIgnored
from myid_notebook.explore.session import MyIDSession


def test_description_of_this_myid(myid: MyIDSession) -> None:
    """Method, path, parameters, summary and permissions with the roles that have them."""
    rows, note = operations(myid)

    (people,) = [row for row in rows if (row["method"], row["path"]) == ("GET", "people")]
    assert {"q", "logonName", "name.last"} <= set(people["parameters"].split(", "))
    assert people["summary"]
    assert "Operator" in people["permissions"]
    assert "its own API description" in note
    assert all(not row["path"].startswith("/") for row in rows)


@pytest.mark.parametrize("word", ["devices", "DEVICES", "expiresBefore"])
def test_word(myid: MyIDSession, word: str) -> None:
    """Only what contains the word, wherever, without regard to case."""
    rows, _ = operations(myid, word)

    assert 0 < len(rows) < len(operations(myid)[0])
    assert all(word.lower() in str(row).lower() for row in rows)


def test_off_at_this_myid(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """As MyID is installed, it publishes nothing: the published operations, marked so, and what an
    administrator sets.
    """
    sandbox.faults(swagger=False)

    rows, note = operations(myid, "people")

    assert PUBLISHED == rows.path
    assert "GenerateDocumentation" in note
    assert any(row["path"] == "people/{id}/devices" for row in rows)


def test_not_signed_in() -> None:
    """Without a session the published ones, and a hint."""
    rows, note = operations(None)

    assert len(rows) > 20
    assert "%myid_login" in note


def test_parameters_for_hints() -> None:
    """The check of filters names the published parameters."""
    assert ["q", "logonName", "employeeId", "name.first", "name.last"] == known_parameters("people")
    assert [] == known_parameters("roles") == known_parameters("no/such")


@pytest.mark.parametrize(
    ("place", "known"),
    [("people/1/cards", "sort"), ("PEOPLE/own/cards", "q"), ("people", ""), ("devices", "")],
)
def test_parameters_of_this_myid(tmp_path: Path, place: str, known: str) -> None:
    """Once its description is read, the parameters are those of this MyID alone."""
    parameters = {name: [{"in": "query", "name": name}] for name in ("sort", "q")}
    paths = {
        "/api/people/{id}/cards": {"get": {"parameters": parameters["sort"]}},
        "/api/people/own/cards": {"get": {"parameters": parameters["q"]}, "post": {}},
    }
    (tmp_path / "api.json").write_text(json.dumps({"paths": paths}))
    session = MyIDSession("http://127.0.0.1:9/")
    operations(session, "word", str(tmp_path / "api.json"))

    assert [*filter(None, [known])] == known_parameters(place, session)


def test_unknown_filter_of_this_myid(myid: MyIDSession) -> None:
    """A parameter that no publication has is named, too."""
    operations(myid)

    with pytest.raises(FilterIgnored, match="Did you mean 'expiresBefore'"):
        myid.search("devices", {"expiresBefor": "2026-01-01"})


DESCRIPTION: dict[str, Any] = {
    "openapi": "3.0.1",
    "paths": {
        "/api/People/{id}": {
            "parameters": [{"name": "id", "in": "path"}, {"name": "dirInfo", "in": "query"}],
            "get": {"description": "One\nperson", "x-permissions": ["View Person"]},
            "head": {},
        },
        "/odd": None,
        "/odder": {"get": 7, "post": {"parameters": "none", "permissions": {"a": {"b": None}}}},
    },
}


@pytest.mark.parametrize("place", ["file", "url"])
def test_elsewhere(place: str, tmp_path: Path) -> None:
    """MYID_OPENAPI names another URL, or a file; members of another kind are left out."""
    body = json.dumps(DESCRIPTION).encode()
    with HttpServer(lambda handler: json_body(handler, body)) as server:
        (tmp_path / "api.json").write_bytes(body)
        address = f"{server.url}/x" if place == "url" else str(tmp_path / "api.json")
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        rows, _ = operations(session, "", address)

    person = {"method": "GET", "path": "People/{id}", "parameters": "dirInfo"}
    assert {**person, "summary": "One person", "permissions": "View Person"} == rows[0]
    assert ["GET", "POST"] == [row["method"] for row in rows]


DEEP = "deep"
"""Stands for 490 objects and lists, one in another."""


@pytest.mark.parametrize("odd", [DEEP, None, 7, "text", [7], {"get": 7}, [], {"a": "\x1b[31m"}])
@pytest.mark.parametrize(
    "member", ["item", "get", "parameters", "parameter", "name", "in", "summary", "x-permissions"]
)
def test_odd_members(member: str, odd: object, tmp_path: Path) -> None:
    """Whatever a member is, and however deep, the others are read."""
    parameter = {"name": "q", "in": "query"} | ({member: odd} if member in {"name", "in"} else {})
    parameters: Any = [odd if member == "parameter" else parameter]
    get: Any = {"parameters": odd if member == "parameters" else parameters, "summary": "S"}
    get |= {member: odd} if member in {"summary", "x-permissions"} else {}
    item: Any = {"get": odd if member == "get" else get}
    paths = {"/a": odd if member == "item" else item, "/b": {"get": {"summary": "B"}}}
    written = json.dumps({"paths": paths}).replace('"deep"', '{"a": [' * 245 + "7" + "]}" * 245)
    (tmp_path / "api.json").write_text(written)

    rows, _ = operations(MyIDSession("http://127.0.0.1:9/"), "", str(tmp_path / "api.json"))

    assert "B" == rows[-1]["summary"]
    assert all(text.isprintable() for row in rows for text in row.values())


TOKEN = "plain-20-characters."


def test_token_in_a_description() -> None:
    """A description that repeats it is shown without."""
    operation = {"summary": TOKEN, "permissions": [TOKEN], "parameters": [{"name": TOKEN}]}
    body = json.dumps({"paths": {f"/{TOKEN}": {"get": operation}}}).encode()
    with HttpServer(lambda handler: json_body(handler, body)) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.sign_in(token_response(access_token=TOKEN))
        rows, _ = operations(session)

    assert TOKEN not in str([*rows])


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("same", [True, False])
def test_redirect(same: bool, given: bool) -> None:  # noqa: FBT001 - parameters of pytest
    """Not followed: nobody has chosen the address it leads to, and an error names it."""
    body = json.dumps(DESCRIPTION).encode()
    with HttpServer(lambda handler: json_body(handler, body)) as other, HttpServer() as server:
        target = f"{(server if same else other).url}/there"
        server.answers["/rest.core/swagger/OpenApi/swagger.json"] = redirect_to(target)
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.sign_in(token_response())
        place = f"{server.url}/rest.core/swagger/OpenApi/swagger.json" if given else None
        with pytest.raises(MyIDAPIError, match="/there, which was not read"):
            operations(session, "", place)

    assert 0 == len(other.seen)
    assert 1 == len(server.seen)


def test_no_connection() -> None:
    """One line says which host, and the setting."""
    session = MyIDSession("http://127.0.0.1:9/rest.core/api/")
    session.auth = None

    with pytest.raises(MyIDAPIError, match=r"127\.0\.0\.1:9 cannot be reached.*MYID_OPENAPI"):
        operations(session, "", "http://127.0.0.1:9/api.json")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"paths": 7}', b"{" * 100_000])
def test_description_that_is_none(body: bytes) -> None:
    """It is said so, in one line."""
    with HttpServer(lambda handler: json_body(handler, body)) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        with pytest.raises(MyIDAPIError, match="is not an OpenAPI description"):
            operations(session, "", f"{server.url}/x")
