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
