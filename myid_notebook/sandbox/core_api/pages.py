"""Pages of a collection: 50 rows each, with a link to the next page (assumed members)."""

import base64
import hmac
import secrets
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
_NUMBER_BYTES = 4
_KEY = secrets.token_bytes(16)

T = TypeVar("T")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The path and the query of a call to a collection.

    Attributes:
        path: the path below the API, in lower case.
        pairs: the names and values of the query, in the order they were sent.
        faults: the fault switches that are set.
        server: the address of the sandbox, as the client wrote it.
    """

    path: str
    pairs: Pairs
    faults: Faults
    server: str

    @property
    def values(self) -> dict[str, str]:
        """The values by their names in lower case; the first of a repeated name (assumption)."""
        return {name.lower(): value for name, value in reversed(self.pairs)}

    def start(self, total: int) -> int:
        """Return the number of the page's first row.

        Args:
            total: see :func:`_is_opaque`.

        Raises:
            ProblemError: 400, if it is neither a whole number nor a token, or the other of them.
        """
        if not self.faults.page_links:
            return 0  # a release without paging does not know the parameter
        value = self.values.get(START, "").strip() or "0"
        is_number = value.isdecimal() and len(value) <= _MAX_DIGITS
        start = int(value) if is_number else _number(value)
        if start is None or (start and is_number == _is_opaque(self.faults, start, total)):
            raise invalid(START, value, "does not name a page")
        return start

    def href(self, start: str) -> str:
        """Return the address of the page with that ``start``, relative to the API."""
        others = [(name, value) for name, value in self.pairs if name.lower() != START]
        return f"{quote(self.path)}?{query_text([*others, (START, start)])}"


def _is_opaque(faults: Faults, start: int, total: int) -> bool:
    """Return whether links have a token for ``start``, not the number.

    Args:
        total: the number of rows of all pages; used only if ``page_token`` is "changes".
    """
    half_way = faults.page_token == "changes" and 2 * start >= total  # noqa: S105 - of a page
    return half_way or faults.page_token == "opaque"  # noqa: S105 - of a page


def _token(start: int) -> str:
    number = start.to_bytes(_NUMBER_BYTES)
    return base64.urlsafe_b64encode(hmac.digest(_KEY, number, "sha256")[:11] + number).decode()


def _number(token: str) -> int | None:
    """Return the number of the row that ``token`` stands for; None if it is no token."""
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(token)[-_NUMBER_BYTES:])
    except ValueError:
        return None
    return number if token == _token(number) else None


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
        server=str(request.base_url).rstrip("/"),
    )


Queried = Annotated[Query, Depends(_query)]
"""The parameter type of a route that returns a collection."""


def page(query: Query, items: Iterable[T], row: Callable[[T], Json]) -> Json:
    """Return the response of a collection: a page of rows, and ``links``.

    Args:
        query: says which page, and of what.
        items: everything that matches, in the directory's order. It is read only as far as needed,
            unless a switch needs their number or the first.
        row: returns the row of an item.

    Raises:
        ProblemError: 400, if the query does not name a page, or one out of turn.
    """
    faults, size, whole = query.faults, query.faults.page_size, None
    items = islice(items, faults.search_cap)
    if faults.same_ids or faults.page_token == "changes" or "last" in faults.link_texts:  # noqa: S105 - of a page
        items = whole = list(items)
    total = len(whole or ())
    start = query.start(total)
    place = faults.place(query.href(""), start)
    if place is None:
        raise invalid(START, str(start), "is out of turn")
    shown = size
    match faults.api_next:
        case "same_rows":
            place = 0
        case "empty":
            shown = 0 if start else size
        case "gap" if start:
            place, shown = max(0, place - size), 0 if start == size else size
    found = list(islice(items, place, place + shown + 1))
    rows = [row(item) for item in found[:shown]]
    if whole and faults.same_ids:
        first = row(whole[0])
        same = {name: first[name] for name in ("id", "href") if name in first}
        rows = [each | same for each in rows]
    links = _links(query, start, total, has_more=len(found) > shown) if faults.page_links else []
    response: Json = {"results": rows}
    if links or (faults.page_links and faults.page_end != "missing"):
        response["links"] = links or ([] if faults.page_end == "empty" else None)
    return response | faults.page_members


def _links(query: Query, start: int, total: int, *, has_more: bool) -> list[Json]:
    faults, size = query.faults, query.faults.page_size
    base = {"relative": "", "path": f"{API}/", "absolute": f"{query.server}{API}/"}[
        faults.link_form
    ]
    places: dict[str, int] = {}
    if start:
        places |= {"first": 0, "previous": max(0, start - size)}
    if has_more or faults.api_next not in {None, "gap"}:
        places["next"] = start if faults.api_next == "repeat" else start + size
    if total > start + size:
        places["last"] = (total - 1) // size * size
    if faults.api_next == "elsewhere":
        base = f"http://elsewhere.example{API}/"
    links = []
    for target, text in faults.link_texts.items():
        if target in places:
            place = places[target]
            href = query.href(_token(place) if _is_opaque(faults, place, total) else str(place))
        elif target == "other":
            href = "roles"
        else:
            continue
        links.append(link(text.split(" ")[0].lower(), text, "GET", f"{base}{href}"))
    return links
