"""The name of the person who signed in: a courtesy, so every failure means "no name"."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers.http_server import FixedAnswerServer, HttpServer, json_body, redirect_to
from support.values.oauth import TOKEN, token_response

# A private name, because the public one turns every error into None: none may be raised inside.
from myid_notebook.sign_in.operator_name import OperatorLookup, _full_name


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A server that knows nobody."""
    with HttpServer(lambda handler: json_body(handler, b"{}", 404)) as running:
        yield running


def name_from(url: str, person_id: str = "8F1D") -> str | None:
    """Look a name up with the token of a session."""
    token = replace(token_response(), subject=person_id)
    return OperatorLookup(f"{url}/api/", None).name(token)


RECORDS = [
    ({"name": {"fullName": "Jane Doe", "first": "J", "last": "D"}}, "Jane Doe"),
    ({"name": {"first": "Jane", "last": "Doe"}}, "Jane Doe"),
    ({"name": {"first": "Jane", "last": None}}, "Jane"),
    ({"name": {}, "logonName": "jane.doe"}, "jane.doe"),
    ({"logonName": "jane.doe"}, "jane.doe"),
    ({"name": {"fullName": "Jane\n\x1b[31mDoe"}}, "Jane [31mDoe"),
    ({"name": {"fullName": {"x": "Jane"}}, "logonName": "jane.doe"}, "jane.doe"),
    ({"name": {"fullName": f"Jane {TOKEN}"}}, "Jane …"),
    ({"name": "Jane"}, None),
    ({}, None),
    ([], None),
    (None, None),
]


@pytest.mark.parametrize(("record", "name"), RECORDS)
def test_name_of_a_record(server: HttpServer, record: object, name: str | None) -> None:
    """The full name, else first and last, else the logon name, on one line."""
    body = json.dumps(record).encode()
    server.answers["/api/people/8F1D"] = lambda handler: json_body(handler, body)

    assert name == name_from(server.url)
    assert f"Bearer {TOKEN}" == server.seen[0].authorization


@pytest.mark.parametrize("person_id", ["../../evil", "a/b?c#d", "ä", "a b"])
def test_id_stays_one_part_of_the_path(server: HttpServer, person_id: str) -> None:
    """The id comes out of a token, and leads to no other resource."""
    assert name_from(server.url, person_id) is None
    assert 4 == len(server.seen[0].target.split("/"))
    assert server.seen[0].target.startswith("/api/people/")


@pytest.mark.parametrize("person_id", ["\ud800", "x" * 256, ".", "..", "x" * 500_000, ""])
def test_id_that_is_none(server: HttpServer, person_id: str) -> None:
    """What no address can hold, or what would lead elsewhere, is not asked for."""
    assert name_from(server.url, person_id) is None
    assert [] == server.seen


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[" * 100_000, b"\xff", b'"' + b"x" * 2_000_000 + b'"']
)
def test_odd_bodies(server: HttpServer, body: bytes) -> None:
    """Anything else than a record is no name, whatever its size."""
    server.answers["/api/people/8F1D"] = lambda handler: json_body(handler, body)

    assert name_from(server.url) is None


def test_redirect_is_not_followed(server: HttpServer) -> None:
    """The token goes no further."""
    server.answers["/api/people/8F1D"] = redirect_to("/login")

    assert name_from(server.url) is None
    assert 1 == len(server.seen)


def test_server_that_is_none() -> None:
    """A broken connection is no name either."""
    with FixedAnswerServer(b"\x00") as odd:
        assert name_from(f"http://127.0.0.1:{odd.port}") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "fullName", "first", "last", "logonName"]), values
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_no_record_crashes_the_lookup(record: object) -> None:
    """A name is one printable line, or there is none."""
    name = _full_name(record)

    assert name is None or name.isprintable()
