"""What a person sees where MyID is not as docs/assumptions.md has it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.servers.http_server import HttpServer, json_body
from support.servers.sandbox import SandboxProcess

from myid_notebook.explore import silence
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.fetch import SomeFailed
from myid_notebook.explore.filters import FilterIgnored
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.search import SearchStopped
from myid_notebook.explore.session import MyIDSession

Printed = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("faults", "path", "said"),
    [
        (
            {"api_status": 400, "api_only": "surnam"},
            "people?surnam=x",
            "Check the parameters; %myid_api lists those that are known",
        ),
        ({"api_errors": "empty", "api_status": 404}, "people", "MyID returned 404 Not Found for"),
        (
            {"api_status": 404, "api_only": "requests"},
            "requests",
            "Intercede's publications have no 'requests'",
        ),
    ],
)
def test_error(
    myid: MyIDSession, sandbox: SandboxProcess, faults: dict[str, Any], path: str, said: str
) -> None:
    """The search raises ``MyIDAPIError``."""
    sandbox.faults(**faults)

    with pytest.raises(MyIDAPIError, match=said):
        myid.search(path)


def test_collection_without_results(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """To ``fetch`` it is a record."""
    sandbox.faults(api_body="no_results")

    with pytest.raises(MyIDAPIError, match="people is not a collection"):
        myid.search("people")
    assert isinstance(myid.fetch("people"), dict)
    assert 1 == len(myid.fetch(["people"]))


def test_small_pages_without_links(
    myid: MyIDSession, sandbox: SandboxProcess, capsys: Printed
) -> None:
    """Nothing says that there is more."""
    sandbox.faults(page_links=False, page_size=20)

    rows = myid.search("people", limit=None)

    assert (20, True, "") == (len(rows), rows.complete, capsys.readouterr().out)


def test_total_of_something_else(
    myid: MyIDSession, sandbox: SandboxProcess, capsys: Printed
) -> None:
    """A line doubts rows that are all there."""
    sandbox.faults(page_members={"total": 2009})

    rows = myid.search("people", {"name.last": "Smith"}, limit=None)

    assert (260, None) == (len(rows), rows.complete)
    assert "MyID may have more (its total is 2,009)" in capsys.readouterr().out


def test_question_that_is_refused(
    myid: MyIDSession, sandbox: SandboxProcess, capsys: Printed
) -> None:
    """A parameter that is ignored all the same is not noticed."""
    sandbox.faults(api_status=400, api_only="nobody-")

    rows = myid.search("people", {"surname": "Smith"}, limit=None)

    assert (2009, True, "") == (len(rows), rows.complete, capsys.readouterr().out)


def test_link_that_works_only_once(
    myid: MyIDSession, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading on ends at once, with the rows that were there."""
    monkeypatch.setattr(silence, "PATIENCE", 0.5)
    sandbox.faults(api_after=3, api_reset=True)
    with pytest.raises(SearchStopped) as caught:
        myid.search("people", limit=None)
    sandbox.faults(api_after=0, api_reset=False, api_status=400, api_only="start=")

    with pytest.raises(SearchStopped, match="150 rows were read") as again:
        caught.value.resume()

    assert 150 == len(again.value.rows)


def test_repeated_parameter(myid: MyIDSession) -> None:
    """A MyID that takes the first value only, as the sandbox does, returns rows of that."""
    rows = myid.search("certificates", {"status": [4, 1]}, limit=None)

    assert {4} == {*rows["status"]}


def test_redirect_to_something_else(
    myid: MyIDSession, sandbox: SandboxProcess, capsys: Printed
) -> None:
    """A record comes with a line, and so do rows, which are not complete."""
    jane, other = (row["href"] for row in myid.search("people", limit=2, check=False))
    capsys.readouterr()
    sandbox.faults(api_redirect=f"/rest.core/api/{other}", api_only=jane)
    assert other.endswith(myid.fetch(jane)["id"])
    assert f"myid redirected it to {other}".lower() in capsys.readouterr().out.lower()
    assert myid.fetch([jane]).complete is None
    capsys.readouterr()
    sandbox.faults(api_redirect="/rest.core/api/roles")

    rows = myid.fetch(jane)

    assert isinstance(rows, Rows)
    assert rows.complete is None
    assert "MyID may have more (MyID redirected it to roles)" in capsys.readouterr().out


def test_401_with_invalid_token_of_one_path(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """The session counts as ended."""
    sandbox.faults(api_status=401, api_only="roles")

    with pytest.raises(SomeFailed, match="MyID no longer accepts this session's token"):
        myid.fetch(["people", "roles"], workers=1)

    assert not myid.signed_in


def test_owner_with_an_id(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """It is a column."""
    sandbox.faults(page_members={"results": [{"owner": {"id": "1", "name": "Jane Doe"}}]})

    assert ["1"] == myid.search("devices", limit=1)["owner.id"]


PAGE = 50

Respond = Callable[[str, dict[str, str]], list[dict[str, Any]]]


@contextmanager
def served(respond: Respond) -> Iterator[MyIDSession]:
    """Serve rows by path and query, without links; enter a session."""

    def handle(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        place = urlsplit(handler.path)
        rows = respond(place.path.removeprefix("/rest.core/api/"), dict(parse_qsl(place.query)))
        following = handler.path.partition("?")[0] + "?page=1"
        links = {"next": following} if len(rows) == PAGE and not place.query else {}
        json_body(handler, json.dumps({"results": rows, "links": links}).encode())

    with HttpServer(handle) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        yield session


def test_row_that_moves_to_a_page_that_was_read(capsys: Printed) -> None:
    """It is missing, and nothing says so."""
    everybody = [{"id": number} for number in range(PAGE + 10)]

    def respond(_: str, query: dict[str, str]) -> list[dict[str, Any]]:
        start = int(query.get("page", "0")) * PAGE
        page = everybody[start : start + PAGE]
        everybody[:1] = []  # somebody leaves, whose row was on a page before
        return page

    with served(respond) as myid:
        rows = myid.search("people", limit=None)

    assert (PAGE + 9, True, "") == (len(rows), rows.complete, capsys.readouterr().out)


def test_collections_that_are_not_alike(capsys: Printed) -> None:
    """A parameter that the second one ignores is not noticed."""

    def respond(path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        return [{"id": 1}] if path.startswith("reports/2") or query["name"] == "x" else []

    with served(respond) as myid:
        rows = myid.fetch(["reports/1/rows?name=x", "reports/2/rows?name=y"], workers=1)

    assert (2, True, "") == (len(rows), rows.complete, capsys.readouterr().out)


def test_parameter_that_takes_any_value() -> None:
    """The search is refused, until the check is switched off."""
    with served(lambda *_: [{"id": 1}]) as myid:
        with pytest.raises(FilterIgnored, match="pass check=False"):
            myid.search("people", {"view": "short"})

        assert 1 == len(myid.search("people", {"view": "short"}, check=False))
