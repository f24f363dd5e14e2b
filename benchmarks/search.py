"""What ``myid.search`` does with the pages of a large collection, beside a plain loop.

The server sends each page of 50 rows after 100 ms. Its links are numbers, which can be predicted,
or opaque, which cannot.
"""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

import requests
from fetch import megabytes, session_at
from harness import Bench, Table, milliseconds, run
from peers import TOKEN
from support.servers.http_server import HttpServer, json_body

PAGES, ROWS, DELAY, MANY = 400, 50, 0.1, 4_000
LOOP, NUMBERS, OPAQUE = "plain loop", "myid.search, links of numbers", "myid.search, opaque links"


def person(number: int) -> dict[str, str]:
    """Return a row of a search of people."""
    identity = f"{number:08X}-0000-4000-8000-000000000000"
    return {
        "id": identity,
        "logonName": f"person{number}",
        "firstName": "Sam",
        "surname": f"Small{number}",
        "groupName": "Finance",
        "Enabled": "Yes",
        "href": f"people/{identity}",
    }


def page(number: int, pages: int, *, opaque: bool) -> bytes:
    """Return a page of people with a link to the next."""
    rows = [person(number * ROWS + each) for each in range(ROWS)]
    href = f"opaque?token=x{number + 1}" if opaque else f"people?start={(number + 1) * ROWS}"
    links = [{"op": "next", "href": href}] if number + 1 < pages else []
    return json.dumps({"results": rows, "links": links}).encode()


def respond(handler: BaseHTTPRequestHandler, *, pages: int, delay: float) -> None:
    """Send a page after a while."""
    time.sleep(delay)
    query = dict(parse_qsl(urlsplit(handler.path).query))
    if "opaque" in handler.path:
        number = int(query.get("token", "x0")[1:])
    else:
        number = int(query.get("start", "0")) // ROWS
    json_body(handler, page(number, pages, opaque="opaque" in handler.path))


def read_in_a_loop(base: str) -> object:
    """Follow the links with requests."""
    rows, path = [], "people"
    with requests.Session() as bare:
        bare.headers["Authorization"] = f"Bearer {TOKEN}"
        while path:
            body = bare.get(base + path, timeout=60).json()
            rows += body["results"]
            path = body["links"][0]["href"] if body["links"] else ""
    return rows


def measure_pages(bench: Bench) -> Table:
    """Read many pages that take a while."""
    pages = bench.count(PAGES, 8)
    with HttpServer(partial(respond, pages=pages, delay=DELAY)) as server:
        base = f"{server.url}/rest.core/api/"
        ours = session_at(base)
        ways: dict[str, Callable[[], object]] = {
            LOOP: lambda: read_in_a_loop(base),
            NUMBERS: lambda: ours.search("people", limit=None),
            OPAQUE: lambda: ours.search("opaque", limit=None),
        }
        contenders = {name: partial(milliseconds, way) for name, way in ways.items()}
        samples, _ = bench.interleaved(contenders, 2, warm_up=0)
    table = Table(f"{pages} pages after {DELAY * 1000:.0f} ms each", "ms", samples, LOOP, NUMBERS)
    table.reach("at most a third of the loop", NUMBERS, 1 / 3, LOOP)
    table.reach("opaque links: at most 1.05 times the loop", OPAQUE, 1.05, LOOP)
    return table


def measure_memory(bench: Bench) -> Table:
    """Compare what a search holds with the rows in it."""
    pages = bench.count(MANY, 8)
    with HttpServer(partial(respond, pages=pages, delay=0)) as server:
        ours = session_at(f"{server.url}/rest.core/api/")
        ours.search("people", limit=50)

        def rows() -> object:
            return [
                row
                for number in range(pages)
                for row in json.loads(page(number, pages, opaque=False))["results"]
            ]

        contenders: dict[str, Callable[[], float]] = {
            "the rows": lambda: megabytes(rows),
            NUMBERS: lambda: megabytes(lambda: ours.search("people", limit=None)),
        }
        samples, _ = bench.interleaved(contenders, 1, warm_up=0)
    table = Table(f"memory of {pages * ROWS:,} rows", "MB", samples, "the rows", NUMBERS)
    table.reach("at most 1.1 times the rows", NUMBERS, 1.1, "the rows")
    return table


def measure(bench: Bench) -> Iterator[Table]:
    """Compare speed and memory."""
    yield measure_pages(bench)
    yield measure_memory(bench)


if __name__ == "__main__":
    run(measure)
