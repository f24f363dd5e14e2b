"""Read a collection page by page.

How MyID's next page is asked for is not public, so nothing is guessed: the link in a page's
``links`` is followed as given. Which of the links it is, is an assumption.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.get import NotOfThisAPI, Pause, get_object
from myid_notebook.session.session import BearerSession

PAGE_SIZES = frozenset({50, 100, 150, 200})
"""Rows of a full page in releases of MyID; without ``links`` there may be more."""

_NEXT = re.compile(r"\bnext\b", re.IGNORECASE)
_ADDRESSES = ("href", "url", "uri")

Row = dict[str, Any]


class Collection(NamedTuple):
    """The rows of a collection, as far as they were read.

    Args:
        rows: in MyID's order, each once.
        complete: True: all; False: there are more; None: MyID did not say.
        reason: why it is not True, as the end of a sentence; may be empty.
    """

    rows: list[Row]
    complete: bool | None
    reason: str = ""


def is_collection(body: Row) -> bool:
    """Return whether a response is a page of a collection rather than a record."""
    return isinstance(body.get("results"), list)


def read_pages(
    session: BearerSession,
    path: str,
    page: Row,
    *,
    limit: int | None = None,
    pause: Pause = time.sleep,
    on_page: Callable[[int], object] = lambda _: None,
) -> Collection:
    """Return the rows of a collection.

    Args:
        path: that the first page was read from.
        page: the first page.
        limit: the most rows to return; None for all.
        pause: waits before a retry, in seconds.
        on_page: called with the number of rows after every page.

    Raises:
        MyIDAPIError: a page could not be read, or its rows are not JSON objects.
        NotSignedIn: the session has no token any more.
    """
    rows: list[Row] = []
    known: set[str] = set()
    visited = {session.absolute(path)}
    repeated = 0
    while True:
        results = _results(page, path)
        fresh = [row for row in results if _is_new(row, known)]
        repeated += len(results) - len(fresh)
        rows += fresh
        on_page(len(rows))
        following = _next_page(page, path, visited, session)
        if limit is not None and len(rows) >= limit:
            more = len(rows) > limit or following is not None
            return Collection(rows[:limit], False if more else _whole(page, results, repeated))
        if following is None:
            complete = _whole(page, results, repeated)
            return Collection(rows, complete, _reason(repeated) if complete is None else "")
        if not fresh and len(visited) > 1:
            return Collection(rows, None, "its link to the next page led to no new rows")
        url = session.absolute(following)
        if url in visited:
            return Collection(rows, None, "its link to the next page led back to a page")
        visited.add(url)
        try:
            page = get_object(session, following, pause=pause)
        except NotOfThisAPI:
            return Collection(rows, False, "its link to the next page leads out of the API")


def _whole(page: Row, results: list[Row], repeated: int) -> bool | None:
    if repeated or ("links" not in page and len(results) in PAGE_SIZES):
        return None
    return True


def _reason(repeated: int) -> str:
    if not repeated:
        return ""
    rows = "1 row" if repeated == 1 else f"{repeated:,} rows"
    return f"the collection changed while it was read ({rows} were returned twice)"


def _results(page: Row, path: str) -> list[Row]:
    results = page.get("results")
    if not isinstance(results, list):
        raise MyIDAPIError(
            f"{path} is not a collection: the response has no results. For one record, use "
            f"myid.fetch({path!r}).",
            path=path,
        )
    if not all(isinstance(row, dict) for row in results):
        raise MyIDAPIError(f"The results of {path} are not JSON objects.", path=path)
    return results


def _is_new(row: Row, known: set[str]) -> bool:
    key = row.get("href") or row.get("id")
    if not isinstance(key, str):
        return True
    if key in known:
        return False
    known.add(key)
    return True


def _next_page(page: Row, path: str, visited: set[str], session: BearerSession) -> str | None:
    entries = [entry for entry in _entries(page.get("links")) if _method(entry) == "GET"]
    named = [entry for entry in entries if any(_NEXT.search(text) for text in _texts(entry))]
    if named:
        return _address(named[0])
    here = urlsplit(session.absolute(path)).path.lower()
    urls = {_address(entry): session.absolute(_address(entry)) for entry in entries}
    onward = [
        address
        for address, url in urls.items()
        if urlsplit(url).path.lower() == here and urlsplit(url).query and url not in visited
    ]
    return onward[0] if len(onward) == 1 else None


def _entries(links: object) -> Iterator[Row]:
    if isinstance(links, dict):
        links = [
            {"rel": name, **(link if isinstance(link, dict) else {"href": link})}
            for name, link in links.items()
        ]
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and _address(link):
            yield link


def _address(link: Row) -> str:
    return next((link[name] for name in _ADDRESSES if isinstance(link.get(name), str)), "")


def _method(link: Row) -> str:
    return str(link.get("method") or "GET").upper()


def _texts(link: Row) -> Iterable[str]:
    return (value for value in link.values() if isinstance(value, str))
