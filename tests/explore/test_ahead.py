"""Pages that are asked for ahead of their link: quicker, and never in the result unless named."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from support.machine.threads import wait_until
from support.servers.http_server import HttpServer, json_body
from support.servers.sandbox import SandboxProcess

from myid_notebook.explore.search import SearchStopped
from myid_notebook.explore.session import MyIDSession


def asked(sandbox: SandboxProcess) -> int:
    """Return how many calls the sandbox has had."""
    count: int = sandbox.status()["api_calls"]
    return count


FORMS: dict[str, dict[str, Any]] = {
    "numbers": {},
    "opaque": {"page_token": "opaque"},
    "opaque from half-way on": {"page_token": "changes"},
    "a position of the server's own": {"page_token": "state"},
    "a server that refuses pages out of turn": {"page_token": "turns"},
    "no more than so many": {"search_cap": 730},
    "ids that repeat": {"same_ids": True},
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("call", ["search", "fetch"])
def test_equal_rows(myid: MyIDSession, sandbox: SandboxProcess, name: str, call: str) -> None:
    """The rows are those of one page after another, whatever the links are."""
    sandbox.faults(**FORMS[name])
    (in_order,) = [myid.fetch(["people"])]
    sandbox.faults(**FORMS[name])  # a position of its own begins again

    rows = myid.search("people", limit=None) if call == "search" else myid.fetch("people")

    assert [row["href"] for row in in_order] == [row["href"] for row in rows]
    assert in_order.complete == rows.complete


@pytest.mark.parametrize(
    ("faults", "limit", "most"),
    [
        ({"page_token": "opaque"}, None, 0),
        ({}, 200, 0),
        ({"search_cap": 200}, None, 0),
        ({}, 1000, 1),  # that which checks
        ({"search_cap": 1_010}, None, 4),
    ],
)
def test_requests_without_use(
    *,
    myid: MyIDSession,
    sandbox: SandboxProcess,
    faults: dict[str, Any],
    limit: int | None,
    most: int,
) -> None:
    """None where nothing can be predicted, none up to 200 rows, none beyond the limit."""
    sandbox.faults(**faults)

    rows = myid.search("people", limit=limit)
    needed = -(-len(rows) // 50)

    wait_until(lambda: "myid-call" not in {each.name for each in threading.enumerate()})
    assert needed <= asked(sandbox) <= needed + most


def test_several_at_once(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """Four pages at once take less than half the time of one after another."""
    sandbox.faults(api_delay=0.1)
    begun = time.monotonic()

    rows = myid.search("people", limit=None)

    assert 2009 == len(rows)
    assert time.monotonic() - begun < 41 * 0.1


Respond = Callable[[int], dict[str, Any] | int]


@pytest.fixture
def numbered() -> Iterator[Callable[[Respond], tuple[MyIDSession, list[int]]]]:
    """Make a server of numbered pages of 50 rows, and its session; it notes which were asked."""
    servers = []

    def start(respond: Respond) -> tuple[MyIDSession, list[int]]:
        seen: list[int] = []

        def handle(handler: Any) -> None:  # noqa: ANN401 - http.server's own
            page = int(dict(parse_qsl(urlsplit(handler.path).query)).get("page", "0"))
            seen.append(page)
            body = respond(page)
            if isinstance(body, int):
                json_body(handler, b"{}", body)
            else:
                json_body(handler, json.dumps(body).encode())

        servers.append(HttpServer(handle))
        session = MyIDSession(f"{servers[-1].__enter__().url}/rest.core/api/")
        session.auth = None
        return session, seen

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def page_of(page: int, last: int = 40) -> dict[str, Any]:
    """Return a page of 50 rows with a link to the next, if there is one."""
    rows = [{"id": f"{page}-{number}"} for number in range(50)]
    links = [{"op": "next", "href": f"rows?page={page + 1}"}] if page < last else []
    return {"results": rows, "links": links}


def test_failures_ahead_count_for_nothing(numbered: Any) -> None:  # noqa: ANN401 - a fixture
    """A page that fails when it is asked ahead is asked for again when it is named."""
    served, failed = {-1}, set()

    def respond(page: int) -> dict[str, Any] | int:
        if page % 3 == 0 and page - 1 not in served:
            failed.add(page)
            return 404
        time.sleep(0.02)  # so that pages ahead are asked for before the named one is there
        served.add(page)
        return page_of(page)

    session, _ = numbered(respond)

    rows = session.search("rows", limit=None)

    assert (2050, True) == (len({row["id"] for row in rows}), rows.complete)
    assert failed


@pytest.mark.parametrize("status", [429, 503])
def test_busy_server(numbered: Any, status: int) -> None:  # noqa: ANN401 - a fixture
    """A server that takes no two calls at once is asked for one page after another."""
    busy = threading.Lock()

    def respond(page: int) -> dict[str, Any] | int:
        if not busy.acquire(blocking=False):
            return status
        with busy_released(busy):
            time.sleep(0.02)
            return page_of(page)

    session, seen = numbered(respond)

    assert 2050 == len(session.search("rows", limit=None))
    assert len(seen) < 60


@pytest.mark.parametrize("after", [8, 9, 10])
def test_wait_that_a_page_ahead_is_asked_for(
    myid: MyIDSession, sandbox: SandboxProcess, after: int
) -> None:
    """It holds for all, and where nobody sees it, it may not take longer than any other."""
    sandbox.faults(api_status=429, api_after=after, api_times=1, api_retry_after="1")
    assert 2009 == len(myid.search("people", limit=None))

    sandbox.faults(api_status=429, api_after=after, api_times=1, api_retry_after="70")
    with pytest.raises(SearchStopped, match="MyID asks to wait 1 min"):
        myid.search("people", limit=None)


class busy_released:  # noqa: N801 - like contextlib's
    """Release a lock at the end."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, *_: object) -> None:
        """Release it."""
        self._lock.release()


def test_row_that_differs_each_time(numbered: Any) -> None:  # noqa: ANN401 - a fixture
    """Where the check fails, nothing is asked ahead of this path any more."""
    count = iter(range(10_000))

    def respond(page: int) -> dict[str, Any] | int:
        body = page_of(page)
        body["results"][0]["asked"] = next(count)
        return body

    session, seen = numbered(respond)

    rows = session.search("rows", limit=None)
    assert 2050 == len({row["id"] for row in rows})
    assert sorted(row["asked"] for row in rows if "asked" in row) == [
        row["asked"] for row in rows if "asked" in row
    ]
    before = len(seen)
    assert 2050 == len(session.search("rows", limit=None))
    assert 41 == len(seen) - before


def test_another_person(myid: MyIDSession, other: MyIDSession, sandbox: SandboxProcess) -> None:
    """Pages of one person are not mixed with pages of another."""
    sandbox.faults(api_delay=0.1)
    token = other.bearer.token
    assert token is not None
    threading.Timer(1.0, myid.sign_in, [token]).start()

    with pytest.raises(SearchStopped, match="began this run") as caught:
        myid.search("people", limit=None)

    rows = caught.value.rows
    sandbox.faults(api_delay=0)
    assert rows.operator == "Jane Doe"
    assert len(rows) % 50 == 0


@pytest.mark.parametrize("written", ["{}#top", "%3{0[0]}%3{0[1]}"])
def test_links_that_are_written_in_another_way(numbered: Any, written: str) -> None:  # noqa: ANN401 - a fixture
    """A link is what is sent for it, so that another spelling half-way changes nothing."""

    def respond(page: int) -> dict[str, Any]:
        body = page_of(page)
        for link in body["links"] if page >= 9 else []:
            link["href"] = f"rows?page={written.format(str(page + 1))}"
        return body

    session, _ = numbered(respond)

    assert 2050 == len(session.search("rows", limit=None))


def test_fewer_rows_in_order(numbered: Any) -> None:  # noqa: ANN401 - a fixture
    """Rows of an attempt that was given up are not taken for those of the next."""
    asked_for = []

    def respond(page: int) -> dict[str, Any]:
        asked_for.append(page)
        again = asked_for.count(0) > 1
        body = page_of(page, 2 if again else 40)
        body["results"][0]["asked"] = 0 if again else len(asked_for)
        return body

    session, _ = numbered(respond)

    rows = session.search("rows", limit=None)
    assert (150, True) == (len(rows), rows.complete)


def test_addresses_in_pages_ahead(numbered: Any) -> None:  # noqa: ANN401 - a fixture
    """They are MyID's own as well, and not checked like what a user wrote."""

    def respond(page: int) -> dict[str, Any]:
        body = page_of(page)
        for row in body["results"]:
            row["href"] = f"rows/1?page={page}&{row['id']}"
        return body

    session, _ = numbered(respond)
    rows = session.search("rows", limit=None)

    assert 50 == len(session.fetch(rows[-1:]))
