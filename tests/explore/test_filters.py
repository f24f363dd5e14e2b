"""Parameters of searches and of paths: nothing gets lost, none is without a value, none ignored."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.servers.http_server import HttpServer, json_body
from support.servers.sandbox import SandboxProcess

from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.fetch import SomeFailed
from myid_notebook.explore.filters import FilterIgnored
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.session import MyIDSession


def calls(sandbox: SandboxProcess) -> dict[str, int]:
    """Return how often each path was asked for with success."""
    counted: dict[str, int] = sandbox.control("GET", "calls").json()
    return counted


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", " ", "\u200b", float("nan"), np.float64("nan"), Decimal("nan"), pd.NA, pd.NaT),
        *(np.datetime64("NaT"), np.ma.masked, [], ["jane.doe", None], pd.Series(["x", None])),
    ],
    ids=repr,
)
def test_no_value(myid: MyIDSession, sandbox: SandboxProcess, value: object) -> None:
    """A filter without a value would ask for everybody."""
    with pytest.raises(ValueError, match="owner has no value; leave it out to ask for all"):
        myid.search("devices", {"owner": value})

    assert {} == calls(sandbox)


CALLS: dict[str, Callable[[MyIDSession, str], object]] = {
    "search": lambda myid, path: myid.search(path),
    "fetch": lambda myid, path: myid.fetch(path),
    "fetch many": lambda myid, path: myid.fetch([path]),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("devices?owner=", "owner has no value"),
        ("people?group=R&D", "'D' in .* has no '='"),
        ("people?group=R#D", "contains '#'.*urllib.parse.quote"),
        ("people/A#1", "contains '#'.*urllib.parse.quote"),
        ("people/A?1", "has no '='.*urllib.parse.quote"),
        ("people?", "has no '='"),
        ("people/../devices", "in place of an id"),
        ("people/%2e/devices", "in place of an id"),
        ("people/%2e%2e/%2e%2e/secrets", "not an address of MyID's API"),
        ("people/%2e./..%2f..%2fsecrets", "not an address of MyID's API"),
        ("people/%252e%252e/%252e%252e/%252e%252e/secrets", "not an address of MyID's API"),
        ("people\\..\\..\\..\\secrets", "not an address of MyID's API"),
        ("people/..;/..;/..;/secrets", "not an address of MyID's API"),
    ],
)
def test_paths_that_would_ask_for_something_else(
    *, myid: MyIDSession, sandbox: SandboxProcess, call: str, path: str, said: str
) -> None:
    """Nothing is sent."""
    with pytest.raises(ValueError, match=said):
        CALLS[call](myid, path)

    assert {} == calls(sandbox)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("certificates", {"status": [1, 4]}),
        ("certificates", {"status": pd.Series([1, 4])}),
        ("certificates?status=1&status=4", None),
    ],
)
def test_several_values(
    myid: MyIDSession, sandbox: SandboxProcess, path: str, params: dict[str, Any] | None
) -> None:
    """Each is sent under the same name."""
    rows = myid.search(path, params, limit=1, check=False)

    assert {"certificates?status=1&status=4": 1} == calls(sandbox)
    assert {"status": ["1", "4"]} == rows.params


def test_names_that_differ_in_case(myid: MyIDSession) -> None:
    """They are one name to MyID, which would hear one of the values only."""
    with pytest.raises(ValueError, match="given twice"):
        myid.search("people", {"q": "jane", "Q": "john"})


def test_filter_in_paths_of_fetch(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """A parameter that MyID ignores would give everybody's devices for each of five people."""
    logons = ["jane.doe", "dora.department", "ada.lovelace", "x", "y"]

    with pytest.raises(FilterIgnored, match=r"'logonName' of devices"):
        myid.fetch([f"devices?logonName={logon}" for logon in logons], into=(kept := {}))

    assert {"@run"} == {*kept}
    assert 1 == len([path for path in calls(sandbox) if "nobody-" in path])
    assert 50 <= len(myid.fetch("devices?logonName=x", check=False))
    with pytest.raises(FilterIgnored):
        myid.fetch("devices?logonName=x")


def test_check_that_fails(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """The error says what was asked, and how to leave that out."""
    sandbox.faults(api_status=500, api_only="nobody-")

    with pytest.raises(MyIDAPIError, match=r"500.*parameter 'name\.last'.*check=False"):
        myid.search("people", {"name.last": "Smith"})

    assert 260 == len(myid.search("people", {"name.last": "Smith"}, check=False))


def test_filter_below_many_records(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """One question is enough for the same collection of all records."""
    people = myid.search("people", limit=60)
    sandbox.control("POST", "reset")

    with pytest.raises(FilterIgnored):
        myid.fetch(people, "devices?state=Active")
    assert 1 == len([path for path in calls(sandbox) if "nobody-" in path])


def test_record_and_given_addresses(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """A parameter of a record is no filter, and what MyID itself gave is right."""
    path = myid.search("people", {"logonName": "jane.doe"})[0]["href"]
    sandbox.faults(link_texts={"next": "Next page"})
    first = myid.get("people").json()
    sandbox.control("POST", "reset")

    assert isinstance(myid.fetch(f"{path}?dirInfo=true"), dict)
    myid.fetch([f"{path}?dirInfo=true"])
    assert first["links"][0]["href"] == "people?start=50"
    myid.search("people", limit=60)
    myid.search(first["links"][0]["href"], limit=1)

    assert [] == [path for path in calls(sandbox) if "nobody-" in path]


TABLES = {
    "rows": lambda rows: rows,
    "a slice": lambda rows: rows[:],
    "a list of dicts": list,
    "pandas": lambda rows: rows.to_pandas(),
    "polars": lambda rows: __import__("polars").DataFrame([*rows]),
    "arrow": lambda rows: __import__("pyarrow").Table.from_pylist([*rows]),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_as_paths(myid: MyIDSession, kind: str) -> None:
    """Rows and tables are the paths in their column ``href``; columns of theirs come along."""
    people = myid.search("people", {"name.last": "Smith"}, limit=20)
    table = TABLES[kind](people)

    records = myid.fetch(table)
    devices = myid.fetch(table, "devices", carry=["logonName", "groupName"])

    assert [row["href"] for row in people] == [row["@path"] for row in records]
    logons = {f"{row['href']}/devices": row["logonName"] for row in people}
    assert devices
    assert all(row["@logonName"] == logons[row["@path"]] for row in devices)
    assert {"@logonName", "@groupName", "@path"} <= {*devices.to_pandas()}


def test_two_hops(myid: MyIDSession) -> None:
    """What was carried is carried on, and a path in two rows gives rows for both."""
    jane = myid.search("people", {"logonName": "jane.doe"})

    devices = myid.fetch(jane, "devices", carry=["logonName"])
    certificates = myid.fetch(devices, "certificates", carry=["@logonName", "sn"])
    twice = myid.fetch([{**jane[0], "n": 1}, {**jane[0], "n": 2}], carry=["n"])

    assert {"jane.doe"} == {row["@logonName"] for row in certificates}
    assert [1, 2] == [row["@n"] for row in twice]


def test_one_row_as_a_path(myid: MyIDSession) -> None:
    """It gives what its path gives."""
    jane = myid.search("people", {"logonName": "jane.doe"})[0]

    assert myid.fetch(jane["href"]) == myid.fetch(jane) == myid.fetch(pd.Series(jane))
    assert 2 == len(myid.fetch(jane, "devices")) == len(myid.fetch(pd.Series(jane), "devices"))


def test_name_that_the_session_has_not(myid: MyIDSession) -> None:
    """The error names the one that was meant."""
    with pytest.raises(AttributeError, match=r"no 'serch'\. Did you mean 'search'"):
        myid.serch  # noqa: B018 # type: ignore[attr-defined] # that is what is wrong with it


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (("people/1", "devices"), {}, TypeError, r"myid\.fetch\('people/1/devices'\)"),
        ((["people/1"],), {"carry": ["logonName"]}, TypeError, "plain paths"),
        (("people/1",), {"carry": ["logonName"]}, TypeError, "one path"),
        (("people/1",), {"into": {}}, TypeError, r"myid\.fetch\(\['people/1'\], …\)"),
        (("people/1",), {"errors": "keep"}, TypeError, "for many paths"),
        (([{"href": "people/1"}],), {"carry": "logonName"}, TypeError, "list of names"),
        (([{"href": "people/1"}],), {"carry": ["path"]}, ValueError, "carry cannot take @path"),
        (([{"href": "people/1"}],), {"carry": ["logonNam"]}, KeyError, "logonNam"),
        ((pd.DataFrame({"id": ["1"]}),), {}, KeyError, "no column 'href'; it has id"),
        (([{"id": "1"}],), {}, KeyError, "href"),
        ((["people/1", None],), {}, TypeError, "Path 1 is missing"),
        ((pd.Series(["people/1", None], dtype="string"),), {}, TypeError, "Path 1 is missing"),
    ],
)
def test_wrong_tables(
    *,
    myid: MyIDSession,
    sandbox: SandboxProcess,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    """They are refused before anything is sent, and the error says what was meant."""
    with pytest.raises(error, match=said):
        myid.fetch(*arguments, **options)

    assert {} == calls(sandbox)


def test_kept_by_another_person(myid: MyIDSession, other: MyIDSession) -> None:
    """What one person read is not told as another one's."""
    paths = [row["href"] for row in other.search("people", limit=5)]
    kept: dict[str, Any] = {}
    myid.fetch(paths, into=kept)

    with pytest.raises(SomeFailed, match="but Jane Doe read what into holds") as caught:
        other.fetch(paths, into=kept)
    assert caught.value.rows.operator == "Jane Doe"

    again = myid.fetch(paths, into=kept)
    assert "5 paths kept from" in repr(again)
    del kept["@run"]
    unknown = other.fetch(paths, into=kept)
    assert "5 paths read by somebody, some time" in repr(unknown)
    assert (None, None) == (unknown.operator, unknown.complete)


class _Forgetful(dict[str, Any]):
    """A mapping that keeps three entries, like a cache."""

    def __setitem__(self, key: str, value: object) -> None:
        super().__setitem__(key, value)
        while len(self) > 3:
            del self[next(iter(self))]


def test_into_that_forgets(myid: MyIDSession, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that are missing are said to be."""
    paths = [row["href"] for row in myid.search("people", limit=10)]
    capsys.readouterr()

    rows = myid.fetch(paths, into=_Forgetful())

    assert isinstance(rows, Rows)
    assert (2, False) == (len(rows), rows.complete)
    assert "into has forgotten 8 of 10 paths" in capsys.readouterr().out


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("form", ["names itself", "is empty at first"])
def test_page_that_would_hide_an_ignored_filter(call: str, form: str) -> None:
    """Neither a page that names itself nor an empty first page vouches for a parameter."""
    is_empty = form == "is empty at first"

    def respond(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        path = handler.path.removeprefix("/rest.core/api/")
        rows = [] if is_empty and path == "rows?nam=x" else [{"id": "1"}]
        links = {"self": path, "next": "rows?nam=x&p=2" if "p=2" not in path else None}
        json_body(handler, json.dumps({"results": rows, "links": links}).encode())

    with HttpServer(respond) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        for _ in range(2):
            with pytest.raises(FilterIgnored):
                CALLS[call](session, "rows?nam=x")


def test_reports_with_numbers() -> None:
    """Each has parameters of its own, so what one takes says nothing of another."""

    def respond(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        knows = "reports/101" in handler.path and "nobody-" in handler.path
        json_body(handler, b'{"results": []}' if knows else b'{"results": [{"id": "1"}]}')

    with HttpServer(respond) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        assert 1 == len(session.search("reports/101", {"group": "HR"}))
        with pytest.raises(FilterIgnored):
            session.search("reports/102", {"group": "HR"})
