"""Searches: pages, limits, what is missing, and filters that MyID ignores."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from support.servers.http_server import HttpServer, json_body
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import MyIDError
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.filters import FilterIgnored
from myid_notebook.explore.get import NotOfThisAPI
from myid_notebook.explore.session import MyIDSession

PEOPLE = 2_009
SMITHS = 260
"""People in the sandbox, and how many of them are called Smith."""


def calls(sandbox: SandboxProcess) -> dict[str, int]:
    """Return how often each path was asked for with success."""
    counted: dict[str, int] = sandbox.control("GET", "calls").json()
    return counted


def test_all_pages(myid: MyIDSession, capsys: pytest.CaptureFixture[str]) -> None:
    """Every row of a collection of many pages comes once, and nothing is printed."""
    begun = datetime.now(UTC)
    rows = myid.search("people", limit=None)

    assert PEOPLE == len(rows) == len({row["id"] for row in rows})
    assert rows.complete is True
    assert begun <= rows.origin.read_from < rows.origin.read_until <= datetime.now(UTC)
    assert "" == capsys.readouterr().out


def test_filter(myid: MyIDSession) -> None:
    """A mapping, because names of parameters have dots; the pages keep the filter."""
    rows = myid.search("people", {"name.last": "Sm*"})

    assert SMITHS == len(rows)
    assert {"Smith"} == {row["surname"] for row in rows}
    assert ("people", {"name.last": "Sm*"}, True) == (rows.path, rows.params, rows.complete)


@pytest.mark.parametrize("path", ["people?name.last=Smith", "/people?name.last=Smith", "PEOPLE/"])
def test_forms_of_a_path(myid: MyIDSession, path: str) -> None:
    """A query in the path counts, and so does one that is given besides."""
    params = None if "?" in path else {"name.last": "Smith"}

    assert SMITHS == len(myid.search(path, params))
    given = myid.search(path, {"NAME.FIRST": "j*", **(params or {})})
    assert 0 < len(given) < SMITHS


@pytest.mark.parametrize(("limit", "complete"), [(1, False), (50, False), (260, True), (261, True)])
def test_limit(
    *, myid: MyIDSession, limit: int, complete: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """No more rows than the limit; a line says so if there are more, each time."""
    for _ in range(2):
        rows = myid.search("people", {"name.last": "Smith"}, limit=limit)

        assert (min(limit, SMITHS), complete) == (len(rows), rows.complete)
        assert complete == ("there are more" not in capsys.readouterr().out)


def test_default_limit(myid: MyIDSession, capsys: pytest.CaptureFixture[str]) -> None:
    """A search of everybody stops at a thousand rows and says how to get them all."""
    rows = myid.search("people")

    assert (1000, False) == (len(rows), rows.complete)
    said = "people: 1,000 rows, and there are more (limit=None reads all of them).\n"
    assert said == capsys.readouterr().out


@pytest.mark.parametrize("size", [50, 100, 150, 200])
def test_release_without_links(
    myid: MyIDSession, sandbox: SandboxProcess, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full page of a release that names no further page may not be all."""
    sandbox.faults(page_links=False, page_size=size)

    rows = myid.search("people", limit=None)

    assert (size, None) == (len(rows), rows.complete)
    assert "did not say whether there are more" in capsys.readouterr().out


def test_short_page_without_links(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """A page that is not full is the last."""
    sandbox.faults(page_links=False)

    assert myid.search("people", {"logonName": "jane.doe"}).complete is True


@pytest.mark.parametrize(
    ("fault", "complete", "said"),
    [
        ("repeat", None, "MyID may have more (its link to the next page led"),
        ("same_rows", None, "MyID may have more (its link to the next page led to no new rows)"),
        ("empty", None, "MyID may have more (it sent 100 pages without a row)"),
        ("elsewhere", False, "there are more (its link to the next page leads out of the API)"),
    ],
)
def test_next_link_that_leads_nowhere(
    *,
    myid: MyIDSession,
    sandbox: SandboxProcess,
    fault: str,
    complete: bool | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends the search with what is there, and a line says that more may be missing."""
    sandbox.faults(api_next=fault)

    rows = myid.search("people", limit=None)

    assert (50, complete) == (len(rows), rows.complete)
    assert said in capsys.readouterr().out


def test_change_while_being_read(
    myid: MyIDSession, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows that come twice are kept once, and a line says that others may be missing."""
    sandbox.faults(api_change=True)

    rows = myid.search("people", limit=None)

    assert rows.complete is None
    assert len(rows) == len({row["id"] for row in rows})
    assert "changed while it was read" in capsys.readouterr().out


LINKS: dict[str, tuple[Any, int]] = {
    "op": ([{"op": "next", "href": "rows?start=2"}], 3),
    "rel": ([{"rel": "self", "href": "rows"}, {"rel": "NEXT", "href": "rows?start=2"}], 3),
    "words": ([{"title": "The next page", "url": "/rest.core/api/rows?start=2"}], 3),
    "the only one of that path": ([{"href": "rows?p=Mg"}, {"href": "people/1"}], 2),
    "a query alone": ([{"rel": ["next"], "HREF": "?start=2"}], 3),
    "a mapping of objects": ({"self": {"href": "rows"}, "next": {"href": "rows?start=2"}}, 3),
    "another operation": ([{"op": "add", "method": "POST", "href": "rows?x=1"}], 2),
    "two of that path": ([{"href": "rows?a=1"}, {"href": "rows?a=2"}], 2),
    "no links": ([], 2),
    "not links": ([1, None, {"href": 7}, "rows?start=2"], 2),
    "text": ("rows?start=2", 2),
}
"""What a page may say about the next, and how many rows are found then."""


@pytest.mark.parametrize("name", LINKS)
def test_forms_of_the_next_link(name: str) -> None:
    """The members of a link are not public: the one that says "next" is followed as given."""
    links, count = LINKS[name]

    def rows(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        if "?" in handler.path:
            json_body(handler, b'{"results": [{"id": "3"}], "links": []}')
            return
        given = repr(links).replace("'", '"').replace("None", "null")
        json_body(
            handler, f'{{"results": [{{"id": "1"}}, {{"id": "2"}}], "links": {given}}}'.encode()
        )

    with HttpServer(rows) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        assert count == len(session.search("rows", check=False))


def test_unknown_filter(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """MyID ignores it and returns everybody; the error names the nearest known one."""
    with pytest.raises(FilterIgnored, match=r"'nam\.last'.*Did you mean 'name\.last'") as caught:
        myid.search("people", {"nam.last": "Sm*"})

    assert ("nam.last", "people") == (caught.value.parameter, caught.value.path)
    assert {"people?nam.last"} == {name.partition("=")[0] for name in calls(sandbox)}


def test_filter_is_checked_once(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """One question for each parameter and path in a session, in any spelling."""
    for name in ("name.last", "NAME.LAST"):
        myid.search("people", {name: "Smith"}, limit=1)
        myid.search("People/", {name: "Jones"}, limit=1)

    assert 1 == len([path for path in calls(sandbox) if "nobody-" in path])


def test_filter_is_checked_again_for_another_person(
    myid: MyIDSession, sandbox: SandboxProcess
) -> None:
    """Who sees nobody could not tell an ignored parameter."""
    token = myid.bearer.token
    assert token is not None
    myid.search("people", {"name.last": "Smith"}, limit=1)
    myid.sign_in(token)
    myid.search("people", {"name.last": "Smith"}, limit=1)

    assert 2 == len([path for path in calls(sandbox) if "nobody-" in path])


def test_filter_that_refuses_the_value(myid: MyIDSession) -> None:
    """400 shows that MyID knows the parameter."""
    assert 0 < len(myid.search("devices", {"expiresBefore": date(2100, 1, 1)}, limit=5))


@pytest.mark.parametrize(
    "value", ['O"Neill', "O'Neill", "a\nb", "a&name.last=Smith", "%2A", "é", "日本", "x" * 5000]
)
def test_any_value(value: str) -> None:
    """Quotes, newlines and other signs arrive as they are, on later pages too."""
    with HttpServer(lambda handler: json_body(handler, b'{"results": [], "links": []}')) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        session.search("people", {"name.last": value}, check=False)
        (seen,) = server.seen

    assert {"name.last": [value]} == parse_qs(urlsplit(seen.target).query)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 14, 2), "2026-11-24T14:02:00"),  # noqa: DTZ001 - MyID has no zones
        (True, "true"),
        (7, "7"),
        (7.0, "7"),
        (np.int64(7), "7"),
        (np.bool_(True), "true"),
        (np.datetime64("2026-11-24"), "2026-11-24"),
    ],
)
def test_values_that_are_no_text(myid: MyIDSession, value: object, sent: str) -> None:
    """Dates go as ISO text, and numbers of NumPy like those of Python."""
    rows = myid.search("people", {"logonName": value})

    assert {"logonName": sent} == rows.params


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"path": 7}, TypeError),
        ({"path": "people", "params": [("q", "x")]}, TypeError),
        ({"path": "people", "params": {"q": {"x": 1}}}, TypeError),
        ({"path": "people", "limit": 0}, ValueError),
        ({"path": "people", "limit": True}, ValueError),
        ({"path": "https://elsewhere.example/people"}, NotOfThisAPI),
        ({"path": "http://127.0.0.1:9/rest.core/api/people"}, NotOfThisAPI),
        ({"path": "../../web.oauth2/connect/token"}, NotOfThisAPI),
    ],
)
def test_wrong_arguments(
    myid: MyIDSession,
    sandbox: SandboxProcess,
    arguments: dict[str, Any],
    error: type[Exception],
) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(error):
        myid.search(**arguments)

    assert {} == calls(sandbox)


def test_wildcard_in_q(myid: MyIDSession) -> None:
    """MyID's own words say that ``q`` takes none."""
    with pytest.raises(MyIDAPIError, match="must not contain wildcards"):
        myid.search("people", {"q": "jo*"})


def test_wildcard_in_q_that_is_taken_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A release that looks for the star itself finds nobody; a line says why."""
    with HttpServer(lambda handler: json_body(handler, b'{"results": [], "links": []}')) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        session.search("people", {"q": "jo*"})

    assert "takes no *" in capsys.readouterr().out


def test_record_is_no_collection(myid: MyIDSession) -> None:
    """The error names the call to use."""
    path = myid.search("people", limit=1)[0]["href"]

    with pytest.raises(MyIDAPIError, match=r"not a collection.*myid\.fetch\("):
        myid.search(path)


def test_results_that_are_no_objects() -> None:
    """Rows are objects."""
    with HttpServer(lambda handler: json_body(handler, b'{"results": [1, 2]}')) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        with pytest.raises(MyIDError, match="not JSON objects"):
            session.search("people")
