"""Collections come in pages, each with a link to the next."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from support.servers.sandbox_client import HandmadeClient

COLLECTIONS = (
    "people",
    "devices",
    "certificates",
    "requests",
    "groups",
    "groups/browse",
    "roles",
    "credProfiles",
    "dirs",
)


@pytest.fixture
def token(client: HandmadeClient) -> str:
    """A token of jane.doe, who sees everything."""
    return client.access_token()


def test_a_page_has_fifty_rows(client: HandmadeClient, token: str) -> None:
    """The first page says where the second is, which begins with the row after."""
    first = client.call(token, "people").json()
    second = client.call(token, "people?start=50").json()

    assert list(first) == ["results", "links"]
    assert first["links"] == [
        {"op": "next", "desc": "Next page", "method": "GET", "href": "people?start=50"}
    ]
    assert len(first["results"]) == len(second["results"]) == 50
    assert client.call(token, "people?start=49").json()["results"] == [
        first["results"][-1],
        *second["results"][:-1],
    ]


@pytest.mark.parametrize("path", COLLECTIONS)
def test_pages_are_the_whole(client: HandmadeClient, token: str, path: str) -> None:
    """Whatever the size of a page, all pages have the same rows in the same order, each once."""
    client.sandbox.faults(page_size=100_000)
    whole = client.call(token, path).json()
    client.sandbox.faults(page_size=max(1, len(whole["results"]) // 3))

    assert whole["links"] == []
    assert client.rows(token, path) == whole["results"]
    assert len({str(row) for row in whole["results"]}) == len(whole["results"])


def test_collections_below_a_record(client: HandmadeClient, token: str) -> None:
    """The devices of a person and the certificates on a device come in pages too."""
    jane = client.rows(token, "people", logonName="jane.doe")[0]["href"]
    devices = client.rows(token, f"{jane}/devices")
    certificates = client.rows(token, f"{devices[0]['href']}/certificates")
    client.sandbox.faults(page_size=1)

    first = client.call(token, f"{jane}/devices").json()
    assert first["results"] == devices[:1]
    assert first["links"][0]["href"] == f"{jane}/devices?start=1".lower()
    assert client.rows(token, f"{jane}/devices") == devices
    assert client.rows(token, f"{devices[0]['href']}/certificates") == certificates


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_a_full_page_may_be_the_end(client: HandmadeClient, token: str, size: int) -> None:
    """Only where another row exists there is a link, also if the rows fill the page."""
    client.sandbox.faults(page_size=size)
    response = client.call(token, "roles").json()

    assert bool(response["links"]) == (size < 4)


def test_a_link_repeats_the_query(client: HandmadeClient, token: str) -> None:
    """A link has every parameter, known or not, quoted, once more; and ``start`` only once."""
    query = "name.last=D*&x=a%26b%23%2B%20c&START=0&%C3%A9=&x=%3F&q=&y=%25"
    client.sandbox.faults(page_size=1)
    (link,) = client.call(token, f"people?{query}").json()["links"]

    assert link["href"].startswith("people?name.last=D*&x=a%26b")
    assert parse_qsl(urlsplit(link["href"]).query, keep_blank_values=True) == [
        *[("name.last", "D*"), ("x", "a&b#+ c"), ("é", ""), ("x", "?"), ("q", ""), ("y", "%")],
        ("start", "1"),
    ]


@pytest.mark.parametrize("start", ["-1", "x", "1.5", "0x10", "1e3", "9" * 2000, "²"])
def test_what_is_no_place_is_400(client: HandmadeClient, token: str, start: str) -> None:
    """A place that is no whole number is a validation problem."""
    response = client.call(token, "people", params={"start": start})

    assert response.status_code == 400
    assert response.json()["message"].startswith("Validation problem, the value for 'start'")


def test_rows_move_while_they_are_read(client: HandmadeClient, token: str) -> None:
    """``api_change`` moves every row by one for each page that is read."""
    before = client.rows(token, "people")
    client.sandbox.faults(api_change=True)
    pages = [client.call(token, f"people?start={start}").json()["results"] for start in (0, 50)]
    found = client.call(token, "people?name.last=Doe").json()["results"]
    client.sandbox.faults(api_change=False)

    assert pages[0] == before[:50]
    assert pages[1] == before[49:99]
    assert len(client.rows(token, "people")) == len(before) + 3
    assert len(client.rows(token, "people", **{"name.last": "Doe"})) == len(found) + 1
    client.sandbox.reset()
    assert client.rows(token, "people") == before


def links(client: HandmadeClient, token: str, path: str) -> list[tuple[str, str]]:
    """Return the text and the address of each link of a page."""
    found = client.call(token, path).json()["links"]
    assert all(each["op"] == each["desc"].split(" ")[0].lower() for each in found)
    return [(each["desc"], each["href"]) for each in found]


def test_texts_of_links(client: HandmadeClient, token: str) -> None:
    """``link_texts`` names the links of a page, in their order, where they lead somewhere."""
    other, back = ("Next of kin", "roles"), "Zurück"
    texts = {"other": other[0], "previous": back, "next": "Weiter", "last": "", "first": "1"}
    client.sandbox.faults(page_size=2, link_texts=texts)

    assert links(client, token, "groups") == [
        *(other, ("Weiter", "groups?start=2"), ("", "groups?start=28"))
    ]
    assert links(client, token, "groups?start=2") == [
        *(other, (back, "groups?start=0"), ("Weiter", "groups?start=4")),
        *(("", "groups?start=28"), ("1", "groups?start=0")),
    ]
    assert links(client, token, "groups?start=28") == [
        *(other, (back, "groups?start=26"), ("1", "groups?start=0"))
    ]


@pytest.mark.parametrize("form", ["relative", "path", "absolute"])
def test_forms_of_links(client: HandmadeClient, token: str, form: str) -> None:
    """``link_form`` writes the same address in another form."""
    client.sandbox.faults(link_form=form)
    ((_, href),) = links(client, token, "people")
    base = {"relative": "", "path": "/rest.core/api/", "absolute": f"{client.api}/"}[form]

    assert href == f"{base}people?start=50"


@pytest.mark.parametrize(
    ("end", "seen"), [("empty", {"links": []}), ("null", {"links": None}), ("missing", {})]
)
def test_ends_of_paging(
    client: HandmadeClient, token: str, end: str, seen: dict[str, object]
) -> None:
    """``page_end`` is what links is on the last page."""
    client.sandbox.faults(page_end=end, page_size=3)
    last = client.call(token, "roles?start=3").json()

    assert links(client, token, "roles") == [("Next page", "roles?start=3")]
    assert last == {"results": last["results"]} | seen


def test_members_of_pages(client: HandmadeClient, token: str) -> None:
    """``page_members`` are in every page, in the place of its own."""
    client.sandbox.faults(page_members={"hasMore": True, "links": {"next": "roles?start=3"}})
    page = client.call(token, "roles").json()

    assert list(page) == ["results", "links", "hasMore"]
    assert page["links"] == {"next": "roles?start=3"}


def starts(client: HandmadeClient, token: str, path: str) -> list[str]:
    """Read a collection and return the ``start`` of each link."""
    found = []
    while page_links := links(client, token, path):
        path = page_links[0][1]
        found.append(dict(parse_qsl(urlsplit(path).query))["start"])
    return found


@pytest.mark.parametrize("kind", ["number", "opaque", "changes", "state", "turns"])
def test_tokens_of_pages(client: HandmadeClient, token: str, kind: str) -> None:
    """``page_token`` changes no row for who follows the links; numbers go as far as it says."""
    whole = client.rows(token, "groups")
    client.sandbox.faults(page_token=kind, page_size=7)
    assert client.rows(token, "groups") == whole
    found = starts(client, token, "groups")

    numbers = {"opaque": [], "changes": ["7", "14"]}.get(kind, ["7", "14", "21", "28"])
    assert [each for each in found if each.isdecimal()] == numbers
    guessed = client.call(token, "groups", params={"start": "28"})
    assert guessed.status_code == (400 if kind in {"opaque", "changes", "turns"} else 200)
    forged = client.call(token, "groups", params={"start": "A" * 20})
    assert forged.status_code == 400


def test_a_server_with_a_position(client: HandmadeClient, token: str) -> None:
    """With state a page is what comes next, for each search; the first page begins again."""
    whole = client.rows(token, "groups")
    client.sandbox.faults(page_token="state", page_size=7)

    def rows(path: str) -> object:
        return client.call(token, path).json()["results"]

    assert rows("groups") == rows("groups") == whole[:7]
    assert rows("groups?start=14") == whole[7:14]
    assert rows("groups?q=nobody") == []
    assert rows("groups?start=7") == whole[14:21]


def test_a_cap(client: HandmadeClient, token: str) -> None:
    """``search_cap`` ends the rows as if there were no more."""
    whole = client.rows(token, "people")
    client.sandbox.faults(search_cap=100)

    assert client.rows(token, "people") == whole[:100]


def test_a_gap(client: HandmadeClient, token: str) -> None:
    """``api_next`` gap is an empty page in the middle, which leads to the rest."""
    whole = client.rows(token, "groups")
    client.sandbox.faults(api_next="gap", page_size=7)

    assert client.rows(token, "groups") == whole
    assert client.call(token, "groups?start=7").json()["results"] == []
    assert client.call(token, "groups?start=3").json()["results"] == whole[:7]
    assert len(starts(client, token, "groups")) == 5


def test_rows_that_share_an_id(client: HandmadeClient, token: str) -> None:
    """``same_ids`` gives different rows one id and href, on every page."""
    whole = client.rows(token, "people", q="smith")
    client.sandbox.faults(same_ids=True)
    rows = client.rows(token, "people", q="smith")

    assert [row | {"id": "", "href": ""} for row in rows] == [
        row | {"id": "", "href": ""} for row in whole
    ]
    assert {(row["id"], row["href"]) for row in rows} == {(whole[0]["id"], whole[0]["href"])}
    roles = client.rows(token, "roles")
    assert {(*role, role["id"]) for role in roles} == {("id", "name", roles[0]["id"])}
