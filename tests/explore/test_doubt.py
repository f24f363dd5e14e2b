"""What a page says about the rest: more, no more, or not clear; and how far the doubt goes."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.servers.http_server import HttpServer, json_body
from support.servers.sandbox import SandboxProcess

from myid_notebook.explore import pages
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.session import MyIDSession

Pages = dict[str, dict[str, Any]]
Serve = Callable[[Pages], MyIDSession]


def numbered(first: int, count: int) -> list[dict[str, Any]]:
    """Return rows with ids."""
    return [{"id": str(number), "href": f"rows/{number}"} for number in range(first, first + count)]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Make a session of a server with given pages, by what follows the API's address."""
    servers = []

    def start(given: Pages) -> MyIDSession:
        def respond(handler: Any) -> None:  # noqa: ANN401 - http.server's own
            body = given[handler.path.removeprefix("/rest.core/api/")]
            json_body(handler, json.dumps(body).encode())

        servers.append(HttpServer(respond))
        session = MyIDSession(f"{servers[-1].__enter__().url}/rest.core/api/")
        session.auth = None
        return session

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.mark.parametrize(
    "texts",
    [
        {"previous": "Zurück", "next": "Weiter"},
        {"next": "Página siguiente", "first": "Primera"},
        {"other": "Next of kin", "next": "Next page"},
    ],
)
@pytest.mark.parametrize("form", ["relative", "path", "absolute"])
def test_links_that_are_understood(
    myid: MyIDSession, sandbox: SandboxProcess, texts: dict[str, str], form: str
) -> None:
    """The next page is read in other languages, too, and beside links to other places."""
    sandbox.faults(link_texts=texts, link_form=form)

    rows = myid.search("people", {"name.last": "Smith"}, limit=None)

    assert (260, True) == (len(rows), rows.complete)


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        ({"next": "Lanjut"}, "Lanjut"),
        ({"previous": "Kembali", "next": "Lanjut"}, "Lanjut"),
        ({"next": ""}, "start=50"),
        ({"last": "Letzte"}, "Letzte"),
    ],
)
def test_links_that_are_not_understood(
    *,
    myid: MyIDSession,
    sandbox: SandboxProcess,
    texts: dict[str, str],
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The reading stops, and the line names the link; it is never taken for the end."""
    sandbox.faults(link_texts=texts)

    rows = myid.search("people", limit=None)

    assert (50, None) == (len(rows), rows.complete)
    out = capsys.readouterr().out
    assert "it is not certain which link is the next page" in out
    assert named.lower() in out.lower()


PAGES: dict[str, tuple[Pages, int, bool | None, str]] = {
    "a page that names itself": (
        {"rows": {"results": numbered(0, 2), "links": [{"rel": "next", "href": "rows"}]}},
        *(2, None, "led back"),
    ),
    "two pages that name each other": (
        {
            "rows": {"results": numbered(0, 2), "links": [{"rel": "next", "href": "rows?p=2"}]},
            "rows?p=2": {"results": numbered(2, 2), "links": [{"rel": "next", "href": "rows"}]},
        },
        *(4, None, "led back"),
    ),
    "two next pages": (
        {"rows": {"results": [], "links": {"next": "rows?p=2", "next page": "rows?p=3"}}},
        *(0, None, "next (rows?p=2), next page (rows?p=3)"),
    ),
    "only pages that were read": (
        {
            "rows": {"results": numbered(0, 2), "links": {"next": "rows?p=2"}},
            "rows?p=2": {"results": numbered(2, 2), "links": {"": "rows", "last": "rows?p=2"}},
        },
        *(4, True, ""),
    ),
    "another scheme": (
        {"rows": {"results": [], "links": {"next": "https://127.0.0.1/rest.core/api/rows?p=2"}}},
        *(0, False, "leads out of the API"),
    ),
    "another path": (
        {"rows": {"results": [], "links": {"next": "rows/2"}}},
        *(0, None, "cannot be followed: next (rows/2)"),
    ),
    "a next page by POST": (
        {"rows": {"results": [], "links": [{"op": "next", "method": "POST", "href": "rows"}]}},
        *(0, None, "cannot be followed"),
    ),
    "links that are a number": ({"rows": {"results": [], "links": 7}}, 0, None, "not understood"),
    "more": ({"rows": {"results": [], "links": [], "hasMore": True}}, 0, None, "hasMore"),
    "no more": ({"rows": {"results": [], "links": [], "hasMore": False}}, 0, True, ""),
    "a total": (
        {"rows": {"results": numbered(0, 2), "links": [], "paging": {"totalCount": 3}}},
        *(2, None, "totalCount is 3"),
    ),
    "the total": ({"rows": {"results": numbered(0, 2), "links": [], "total": 2}}, 2, True, ""),
    "null": ({"rows": {"results": None, "links": None}}, 0, True, ""),
    "null for the next page": (
        {"rows": {"results": numbered(0, 60), "links": {"self": "rows", "next": None}}},
        *(60, True, ""),
    ),
    "pages that become shorter": (
        {
            "rows": {"results": numbered(0, 50), "links": {"next": "rows?p=2"}},
            "rows?p=2": {"results": numbered(50, 20), "links": {"next": "rows?p=3"}},
            "rows?p=3": {"results": numbered(70, 20)},
        },
        *(90, None, "did not say"),
    ),
    "a page as long as the one before": (
        {
            "rows": {"results": numbered(0, 20), "links": {"next": "rows?p=2"}},
            "rows?p=2": {"results": numbered(20, 20)},
        },
        *(40, None, "did not say"),
    ),
    "a page shorter than the one before": (
        {
            "rows": {"results": numbered(0, 20), "links": {"next": "rows?p=2"}},
            "rows?p=2": {"results": numbered(20, 19)},
        },
        *(39, True, ""),
    ),
    "rows that share an id": (
        {
            "rows": {"results": [{"id": 1}, {"id": 1, "n": 2}], "links": {"next": "rows?p"}},
            "rows?p": {"results": [{"id": 1, "n": 3}, {"id": 1, "n": 4}], "links": []},
        },
        *(4, True, ""),
    ),
    "a link named next that leads to other rows": (
        {
            "rows": {"results": numbered(0, 2), "links": {"Next of kin": "rows?of=1"}},
            "rows?of=1": {"results": numbered(7, 2), "links": []},
        },
        *(4, True, ""),
    ),
    "an equal row": (
        {
            "rows": {"results": numbered(0, 2), "links": {"next": "rows?p"}},
            "rows?p": {"results": numbered(1, 2), "links": []},
        },
        *(3, None, "changed while it was read"),
    ),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("call", ["search", "fetch", "fetch many"])
def test_what_pages_say(
    serve: Serve, name: str, call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rows that are there are kept; every way to them says the same of the rest."""
    given, count, complete, said = PAGES[name]
    myid = serve(given)

    rows = (
        myid.search("rows", limit=None)
        if call == "search"
        else myid.fetch("rows" if call == "fetch" else ["rows"])
    )

    assert isinstance(rows, Rows)
    assert (count, complete) == (len(rows), rows.complete)
    out = capsys.readouterr().out
    assert said in out
    assert (complete is not True) == bool(out)


FOLLOWED: list[dict[str, Any]] = [
    {"links": [{"next": "rows?p=2"}]},
    {"links": [{"next": {"href": "rows?p=2"}}]},
    {"links": {"page": {"nextPage": "rows?p=2"}}},
    {"links": [], "_links": {"next_page": {"href": "rows?p=2"}}},
    {"Links": [{"op": "next", "href": "rows?p=2"}]},
]
DOUBTFUL: list[dict[str, Any]] = [
    {"links": [{"rel": "Lanjut", "link": "rows?p=2"}]},
    {"links": [["next", "rows?p=2"]]},
    {"links": [7]},
    {"links": [{"rel": "nextPage", "href": "v2/rows?p=2"}]},
    {"links": [{"rel": "next", "title": "Next 50 of 500", "href": "v2/rows?p=2"}]},
    {"links": [{"op": "Lanjut", "title": "More of this list", "href": "rows?p=2"}]},
    {"links": [{"op": "Lanjut", "href": "http://internal:81/rest.core/api/rows?p=2"}]},
    {"next": {"href": "rows?p=2"}},
    {"links": [], "meta": {"page": 1, "pageCount": 2}},
    {"links": [], "meta": {"page": {"total": 9.0}}},
    {"links": [], "total": "1,234"},
    {"links": [], "isLast": False},
    {"links": [], "warnings": ["limited to 2 rows"]},
]


@pytest.mark.parametrize("given", FOLLOWED, ids=repr)
def test_other_forms_that_are_followed(serve: Serve, given: dict[str, Any]) -> None:
    """A link that is named as the next page is followed, wherever it is."""
    last = {"results": numbered(2, 2), "links": []}
    myid = serve({"rows": {"results": numbered(0, 2), **given}, "rows?p=2": last})

    assert 4 == len(myid.search("rows"))


@pytest.mark.parametrize("given", DOUBTFUL, ids=repr)
def test_other_signs_of_more(serve: Serve, given: dict[str, Any]) -> None:
    """What is not understood, or speaks of more, is never taken for the end."""
    rows = serve({"rows": {"results": numbered(0, 2), **given}}).search("rows")

    assert (2, None) == (len(rows), rows.complete)


@pytest.mark.parametrize(
    "header",
    [
        ("X-Total-Count", "500"),
        ("Content-Range", "items 0-1/500"),
        ("X-Next-Page", "2"),
        ("X-Pagination", '{"TotalCount": 500}'),
    ],
)
def test_headers_that_speak_of_more(header: tuple[str, str]) -> None:
    """They are heard like the members of a page."""

    def respond(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        handler.send_response(200)
        handler.send_header(*header)
        handler.end_headers()
        handler.wfile.write(json.dumps({"results": numbered(0, 2), "links": []}).encode())

    with HttpServer(respond) as server:
        myid = MyIDSession(f"{server.url}/rest.core/api/")
        myid.auth = None
        assert myid.search("rows").complete is None


@pytest.mark.parametrize("cap", [200, 1_000, 2_000, 250])
def test_caps(myid: MyIDSession, sandbox: SandboxProcess, cap: int) -> None:
    """Where searches of the Operator Client end, an end may not be one."""
    sandbox.faults(search_cap=cap)

    rows = myid.search("people", limit=None)

    assert (cap, True if cap == 250 else None) == (len(rows), rows.complete)


@pytest.mark.parametrize("form", ["null", "missing"])
def test_release_without_links(
    myid: MyIDSession, sandbox: SandboxProcess, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full page may not be all, for each of many paths as for one; the line says how many."""
    sandbox.faults(page_links=False, page_end=form)
    path = myid.search("people", {"logonName": "jane.doe"})[0]["href"]

    rows = myid.fetch(["people", f"{path}/devices", "devices"])

    assert rows.complete is None
    assert "2 of them, the first people: it did not say" in capsys.readouterr().out


def test_doubt_in_into(
    myid: MyIDSession, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is kept keeps its doubt, also when nothing is asked for any more; the line names the
    first path of the call, not the first that was read.
    """
    sandbox.faults(page_links=False)
    kept: dict[str, Any] = {}
    myid.fetch(["devices"], into=kept)
    myid.fetch(["people", "roles"], into=kept)
    sandbox.faults(page_links=True)
    capsys.readouterr()

    assert myid.fetch(["people", "devices", "roles"], into=kept).complete is None
    assert "2 of them, the first people: it did not say" in capsys.readouterr().out
    assert myid.fetch(["roles"], into=kept).complete is True


def test_empty_page_in_the_middle(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """It ends nothing while it names a next page."""
    sandbox.faults(api_next="gap")

    rows = myid.search("people", limit=None)

    assert (2009, True) == (len(rows), rows.complete)


def test_many_pages(serve: Serve) -> None:
    """Thousands of pages of one row are read like any others."""
    count = 1_500
    myid = serve(
        {
            f"rows?p={number}" if number else "rows": {
                "results": numbered(number, 1),
                "links": {"next": f"rows?p={number + 1}"} if number + 1 < count else {},
            }
            for number in range(count)
        }
    )

    rows = myid.search("rows", limit=None)

    assert (count, True) == (len(rows), rows.complete)


def test_collection_without_an_end(
    myid: MyIDSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not fill the memory, and the line says where it ended."""
    monkeypatch.setattr(pages, "MAX_ROWS", 120)

    rows = myid.search("people", limit=None)

    assert (120, False) == (len(rows), rows.complete)
    assert "no more than 120 rows are read" in capsys.readouterr().out


def test_doubt_that_names_nobody(
    myid: MyIDSession, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ``show_rows`` 0 a line has neither ids nor values of parameters."""
    sandbox.faults(link_texts={"next": "Lanjut"}, page_size=1)
    path = myid.search("people", {"logonName": "jane.doe"})[0]["href"]
    myid.show_rows = 0
    capsys.readouterr()

    myid.fetch([f"{path}/devices", "roles"])
    myid.fetch(f"{path}/devices")
    myid.search("people", {"name.last": "Smith"})

    out = capsys.readouterr().out
    assert 3 == out.count("MyID may have more")
    assert "people/…/devices" in out
    assert path.rpartition("/")[2].lower() not in out.lower()
    assert "Smith" not in out
