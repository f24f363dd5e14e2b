"""Many calls at once: order, repetition, failures, what is kept."""

import math
import shelve
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.servers.http_server import HttpServer, json_body
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import NotSignedIn
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.fetch import SomeFailed
from myid_notebook.explore.get import NotOfThisAPI
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.session import MyIDSession


@pytest.fixture
def paths(myid: MyIDSession) -> list[str]:
    """Paths of 120 people, in MyID's order."""
    return [row["href"] for row in myid.search("people", limit=120)]


def answered(sandbox: SandboxProcess, paths: list[str]) -> list[int]:
    """Return how often each path was answered."""
    counted = sandbox.control("GET", "calls").json()
    return [counted.get(path.lower(), 0) for path in paths]


def test_one_record(myid: MyIDSession, paths: list[str]) -> None:
    """One path of a record is a dict."""
    record = myid.fetch(paths[0])

    assert isinstance(record, dict)
    assert "Jane Doe" == record["name"]["fullName"]


def test_one_collection(myid: MyIDSession) -> None:
    """One path of a collection is all its rows, page after page."""
    rows = myid.fetch("people")

    assert isinstance(rows, Rows)
    assert (2009, True, "people") == (len(rows), rows.complete, rows.path)


def test_many(myid: MyIDSession, paths: list[str], sandbox: SandboxProcess) -> None:
    """The order is that of the paths, whichever responded first; each is asked for once."""
    shuffled = paths[::-1] + paths[:3]

    rows = myid.fetch(shuffled, workers=16)

    assert shuffled == [row["@path"] for row in rows]
    assert shuffled == [f"people/{row['id']}" for row in rows]
    assert {1} == set(answered(sandbox, paths))
    assert rows.complete is True


def test_collections(myid: MyIDSession, paths: list[str]) -> None:
    """A collection gives its rows, each with the path it belongs to; an empty one gives none."""
    asked = [f"{path}/devices" for path in paths]

    rows = myid.fetch(asked)

    assert [path for path in asked if path in {row["@path"] for row in rows}] == list(
        dict.fromkeys(row["@path"] for row in rows)
    )
    assert 2 == len([row for row in rows if row["@path"] == asked[0]])  # Jane's


@pytest.mark.parametrize("kind", ["generator", "pandas", "empty"])
def test_iterables(myid: MyIDSession, paths: list[str], kind: str) -> None:
    """Any iterable of paths will do, such as a column of a table."""
    makers: dict[str, Any] = {"generator": iter, "pandas": pd.Series, "empty": lambda _: []}

    rows = myid.fetch(makers[kind](paths[:5]))

    assert ([] if kind == "empty" else paths[:5]) == [row["@path"] for row in rows]


def test_into(myid: MyIDSession, paths: list[str], sandbox: SandboxProcess) -> None:
    """What is in it is not asked for again; the responses in it stay as MyID sent them."""
    kept: dict[str, Any] = {}
    myid.fetch(paths[:50], into=kept)
    assert {*paths[:50], "@run"} == {*kept}
    assert "@path" not in kept[paths[0]]

    rows = myid.fetch(paths, into=kept)

    assert paths == [row["@path"] for row in rows]
    assert {1} == set(answered(sandbox, paths))


def test_shelf(myid: MyIDSession, paths: list[str], tmp_path: Path) -> None:
    """A shelf on disk survives a crash; it is written in the thread that opened it."""
    asked = [*paths[:9], f"{paths[0]}/devices"]
    for _ in range(2):
        with shelve.open(str(tmp_path / "kept")) as shelf:  # noqa: S301 - written just before
            assert 11 == len(myid.fetch(asked, into=shelf))


class _Full(dict[str, Any]):
    """A mapping on a disk that is full after three entries."""

    def __setitem__(self, key: str, value: object) -> None:
        if len(self) >= 3:
            raise OSError(28, "No space left on device")
        super().__setitem__(key, value)


def test_into_that_cannot_be_written(myid: MyIDSession, paths: list[str]) -> None:
    """The run ends and says why; nothing that was fetched is lost."""
    kept = _Full()

    with pytest.raises(
        SomeFailed, match=r"into does not take a response \(OSError.*No space"
    ) as caught:
        myid.fetch(paths, into=kept)

    assert 3 == len(kept)
    assert len(caught.value.rows) > 3


def test_failures(myid: MyIDSession, paths: list[str]) -> None:
    """The run ends first; the error has what was fetched, and each failure by its path."""
    asked = [paths[0], "people/nobody", paths[1], "no/such/thing"]

    with pytest.raises(
        SomeFailed, match=r"^MyID returned 404 for people/nobody.* 2 of 4 failed: 2 x 404\."
    ) as caught:
        myid.fetch(asked)

    assert paths[:2] == [row["@path"] for row in caught.value.rows]
    assert caught.value.rows.complete is False
    failed = caught.value.failed
    assert {"people/nobody", "no/such/thing"} == set(failed)
    assert all(isinstance(error, MyIDAPIError) and error.status == 404 for error in failed.values())


def test_kept_failures(
    myid: MyIDSession, paths: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """``errors="keep"`` makes a row of each, in its place, and a line counts them."""
    rows = myid.fetch([paths[0], "people/nobody", paths[1]], errors="keep")

    assert [paths[0], "people/nobody", paths[1]] == [row["@path"] for row in rows]
    assert rows[1]["@error"].startswith("MyID returned 404 for people/nobody")
    assert rows.complete is False
    assert "3 rows, and there are more (2 of 3 paths were read)" in capsys.readouterr().out


@pytest.mark.parametrize("errors", ["raise", "keep"])
def test_first_calls_that_fail_alike(
    myid: MyIDSession,
    sandbox: SandboxProcess,
    paths: list[str],
    errors: Any,  # noqa: ANN401 - one of two
) -> None:
    """Twenty end the run: ten thousand would not do better."""
    sandbox.faults(api_status=403)

    with pytest.raises(SomeFailed, match=r"^The first 20 calls failed in the same way") as caught:
        myid.fetch(paths, errors=errors, workers=4)

    failed = len(caught.value.failed)
    assert 20 <= failed < 40  # those under way besides
    assert f"{failed} of 120 failed: {failed} x 403" in str(caught.value)
    assert f"{120 - failed} of 120 are left" in str(caught.value)


def test_failures_after_a_success(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """Later ones end nothing."""
    sandbox.faults(api_status=404, api_every=2)

    rows = myid.fetch(paths, errors="keep")

    assert 120 == len(rows)
    assert 60 == len([row for row in rows if "@error" in row])


@pytest.mark.parametrize("wait", ["61", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_wait_that_is_too_long(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], wait: str
) -> None:
    """Nobody waits for minutes without being asked."""
    sandbox.faults(api_status=429, api_retry_after=wait, api_times=1)

    with pytest.raises(MyIDAPIError, match="429"):
        myid.fetch(paths[0])


def test_wait_that_is_no_time(myid: MyIDSession, sandbox: SandboxProcess, paths: list[str]) -> None:
    """It is as if there were none."""
    sandbox.faults(api_status=429, api_retry_after="soon", api_times=1)

    assert "Jane Doe" == myid.fetch(paths[0])["name"]["fullName"]


def test_server_error_is_not_retried(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """500 says that rest.core cannot reach web.oauth2, which passes by no repetition."""
    sandbox.faults(api_status=500, api_times=1)

    with pytest.raises(MyIDAPIError, match=r"rest\.core cannot reach web\.oauth2"):
        myid.fetch(paths[0])


BODIES = {
    "html": "a page of HTML",
    "list": "JSON that is not an object",
    "invalid": "a response that is not JSON",
    "empty": "an empty response",
    "huge": "more than 32 MB",
}


@pytest.mark.parametrize("body", BODIES)
def test_bodies(myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], body: str) -> None:
    """What is no JSON object of a bearable size is said so; the others are kept."""
    sandbox.faults(api_body=body, api_only=paths[1].lower())

    with pytest.raises(
        SomeFailed, match=f"MyID returned {BODIES[body]}.* 1 of 3 failed: 1 x no usable"
    ) as caught:
        myid.fetch(paths[:3])

    assert [paths[0], paths[2]] == [row["@path"] for row in caught.value.rows]


def test_record_that_links_to_itself() -> None:
    """A record is a record, whatever its links are."""
    body = b'{"id": "1", "links": [{"op": "next", "href": "people/1"}], "self": {"results": 3}}'
    with HttpServer(lambda handler: json_body(handler, body)) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None

        assert "1" == session.fetch("people/1")["id"]


def _raises_half_way() -> Iterator[str]:
    yield "people/1"
    raise RuntimeError("the user's own")


@pytest.mark.parametrize(
    ("paths", "options", "error"),
    [
        (_raises_half_way(), {}, RuntimeError),
        (["people/1", 7], {}, TypeError),
        ([{"href": None}], {}, TypeError),
        (["people/1", math.nan], {}, TypeError),
        (7, {}, TypeError),
        (["people/1", "https://elsewhere.example/people/1"], {}, NotOfThisAPI),
        (["people/../../../x"], {}, NotOfThisAPI),
        (["people/"], {}, ValueError),
        (["people//devices"], {}, ValueError),
        (["people/%20/devices"], {}, ValueError),
        (pd.DataFrame([["people/1", "x"]], columns=["href", "href"]), {}, KeyError),
        (["people/1"], {"workers": 0}, ValueError),
        (["people/1"], {"workers": 65}, ValueError),
        (["people/1"], {"errors": "ignore"}, ValueError),
        (["people/1"], {"into": []}, TypeError),
    ],
)
def test_wrong_arguments(
    *,
    myid: MyIDSession,
    sandbox: SandboxProcess,
    paths: Any,  # noqa: ANN401 - that is what is wrong with it
    options: dict[str, Any],
    error: type[Exception],
) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(error):
        myid.fetch(paths, **options)

    assert {} == sandbox.control("GET", "calls").json()


def test_signed_out(myid: MyIDSession, paths: list[str]) -> None:
    """Without a token nothing is sent."""
    myid.sign_out()

    with pytest.raises(NotSignedIn):
        myid.fetch(paths)


def test_no_threads_stay(myid: MyIDSession, paths: list[str]) -> None:
    """A run leaves no thread behind, however it ends."""
    myid.fetch(paths)
    with pytest.raises(SomeFailed):
        myid.fetch(["people/none"])

    for thread in threading.enumerate():
        if thread.name == "myid-call":
            thread.join(5)
    assert [] == [thread for thread in threading.enumerate() if thread.name == "myid-call"]


def test_columns_of_a_table(myid: MyIDSession, paths: list[str]) -> None:
    """A table has the column ``@path`` even if nothing was found, and with ``errors="keep"`` the
    column ``@error`` even if nothing failed.
    """
    assert ["@path"] == [*myid.fetch([]).to_pandas()]
    assert "@error" not in myid.fetch(paths[:1]).to_pandas()
    table = myid.fetch(paths[:3], errors="keep").to_pandas()
    assert [True] * 3 == [*table["@error"].isna()]


def _no_more_threads(started: int) -> Any:  # noqa: ANN401 - a method of threading's
    real, left = threading.Thread.start, [started]

    def start(thread: threading.Thread) -> None:
        if not left[0]:
            raise RuntimeError("can't start new thread")
        left[0] -= 1
        real(thread)

    return start


@pytest.mark.parametrize("started", [0, 1])
def test_no_more_threads(
    myid: MyIDSession, paths: list[str], started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as there are do the work; without any, one line says so."""
    monkeypatch.setattr(threading.Thread, "start", _no_more_threads(started))

    if started:
        assert 9 == len(myid.fetch(paths[:9]))
        return
    with pytest.raises(SomeFailed, match=r"The kernel could not start a thread.*9 of 9 are left"):
        myid.fetch(paths[:9])


def test_another_person_who_reads_other_paths(myid: MyIDSession, other: MyIDSession) -> None:
    """They would be told as those of the first one, so nothing is added."""
    first, second = (row["href"] for row in other.search("people", limit=2))
    kept: dict[str, Any] = {}
    myid.fetch([first], into=kept)

    with pytest.raises(SomeFailed, match="but Jane Doe read what into holds"):
        other.fetch([second], into=kept)
    assert {"@run", first} == {*kept}


RUN = {"api": "", "id": None, "name": None, "from": "2026-11-24T14:02:00+00:00", "doubt": {}}


@pytest.mark.parametrize(
    "run",
    ["x", {}, *({**RUN, "from": each} for each in (5, "today", "2026-11-24"))]
    + [{**RUN, "doubt": each} for each in (None, {"people": 3}, {"people": [None]})],
    ids=repr,
)
def test_run_that_is_garbage(myid: MyIDSession, paths: list[str], run: object) -> None:
    """Then nobody knows who read what is there; nothing is lost."""
    rows = myid.fetch(paths[:2], into={paths[0]: {"id": "1"}, "@run": run})

    assert (2, None) == (len(rows), rows.complete)


@pytest.mark.parametrize("value", [None, 7, [None]])
def test_value_that_is_no_response(myid: MyIDSession, paths: list[str], value: object) -> None:
    """It is as if ``into`` had forgotten it; what was fetched is there."""
    rows = myid.fetch(paths[:2], into={paths[0]: value})

    assert (1, False) == (len(rows), rows.complete)


def test_two_runs_with_one_mapping(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """Neither forgets the doubt of the other."""
    kept: dict[str, Any] = {}
    sandbox.faults(page_links=False, api_delay=0.5)
    slow = threading.Thread(target=lambda: myid.fetch(["roles", "groups"], workers=1, into=kept))
    slow.start()
    myid.fetch(["people"], into=kept)
    slow.join(30)
    sandbox.faults(page_links=True, api_delay=0)

    assert myid.fetch(["people"], into=kept).complete is None
    del kept["people"]
    assert myid.fetch(["people"], into=kept).complete is True


class _FullOnce(dict[str, Any]):
    """A mapping that does not take the doubt of one path."""

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401 - any
        if key == "@run" and value["doubt"] and "@run" in self:
            raise OSError(28, "No space left on device")
        super().__setitem__(key, value)


def test_doubt_that_cannot_be_written(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """The run ends like one whose response cannot be written; what was fetched is there."""
    sandbox.faults(page_links=False)

    with pytest.raises(SomeFailed, match="into does not take a response") as caught:
        myid.fetch(["people", "devices", "roles"], into=_FullOnce(), workers=1)
    assert len(caught.value.rows) >= 50


def test_rows_from_a_generator(myid: MyIDSession) -> None:
    """Rows need not be a list."""
    people = myid.search("people", limit=3)

    assert 3 == len(myid.fetch(row for row in people))
