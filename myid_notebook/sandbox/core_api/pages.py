"""Pages of a collection: 50 rows each, with a link to the next page (assumed members)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Depends, Request

from myid_notebook.sandbox.core_api.errors import invalid
from myid_notebook.sandbox.core_api.parameters import START
from myid_notebook.sandbox.core_api.records import Json, link
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.installation import Installed

API = "/rest.core/api"
"""The base path of the Core API."""

_MAX_DIGITS = 9

T = TypeVar("T")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The path and the query of a call to a collection.

    Attributes:
        path: the path below the API, in lower case.
        pairs: the names and values of the query, in the order they were sent.
        faults: the fault switches that are set.
    """

    path: str
    pairs: Pairs
    faults: Faults

    @property
    def values(self) -> dict[str, str]:
        """The values by their names in lower case; the first of a repeated name (assumption)."""
        return {name.lower(): value for name, value in reversed(self.pairs)}

    @property
    def start(self) -> int:
        """The number of the page's first row.

        Raises:
            ProblemError: 400, if it is not a whole number.
        """
        value = self.values.get(START, "").strip() or "0"
        if not self.faults.page_links:
            return 0  # a release without paging does not know the parameter
        if not value.isdecimal() or len(value) > _MAX_DIGITS:
            raise invalid(START, value, "is not a whole number")
        return int(value)

    def href(self, start: int) -> str:
        """Return the address of the page that begins at ``start``, relative to the API."""
        others = [(name, value) for name, value in self.pairs if name.lower() != START]
        return f"{quote(self.path)}?{query_text([*others, (START, str(start))])}"


def query_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Return ``pairs`` as a query; ``*`` stays readable."""
    return urlencode(list(pairs), quote_via=quote, safe="*")


def query_of(request: Request) -> Pairs:
    """Return the names and values of a request's query, in the order they were sent."""
    # Not request.url, which is built from the decoded path.
    return tuple(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))


def _query(request: Request, installation: Installed) -> Query:
    return Query(
        path=request.scope["path"].removeprefix(f"{API}/"),
        pairs=query_of(request),
        faults=installation.faults,
    )


Queried = Annotated[Query, Depends(_query)]
"""The parameter type of a route that returns a collection."""


def page(query: Query, items: Iterable[T], row: Callable[[T], Json]) -> Json:
    """Return the response of a collection: a page of rows, and ``links``.

    Args:
        query: says which page, and of what.
        items: everything that matches, in the directory's order. It is read only as far as needed.
        row: returns the row of an item.

    Raises:
        ProblemError: 400, if the number of the first row is not a whole number.
    """
    size, start = query.faults.page_size, query.start
    if query.faults.api_next is not None:
        return _misleading_page(query, items, row)
    found = list(islice(items, start, start + size + 1))
    results: Json = {"results": [row(item) for item in found[:size]]}
    if not query.faults.page_links:
        return results
    return results | {"links": [_next(query.href(start + size))] if len(found) > size else []}


def _misleading_page(query: Query, items: Iterable[T], row: Callable[[T], Json]) -> Json:
    size, start = query.faults.page_size, query.start
    first, following = start, query.href(start + size)
    match query.faults.api_next:
        case "repeat":
            following = query.href(start)
        case "elsewhere":
            following = f"http://elsewhere.example{API}/{following}"
        case "same_rows":
            first = 0
        case _:
            size = 0 if start else size
    rows = [row(item) for item in islice(items, first, first + size)]
    return {"results": rows, "links": [_next(following)]}


def _next(href: str) -> Json:
    return link("next", "Next page", "GET", href)
