"""Read a collection page by page.

How MyID's next page is asked for is not public, so nothing is guessed: the link in a page's
``links`` is followed as given. Which of the links it is, is an assumption.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.get import NotOfThisAPI, Pause, get_object
from myid_notebook.session.session import BearerSession

PAGE_SIZES = frozenset({50, 100, 150, 200})
"""Rows of a full page in releases of MyID; without ``links`` there may be more."""

_NEXT = re.compile(r"\bnext\b", re.IGNORECASE)
_ADDRESSES = ("href", "url", "uri")

Row = dict[str, Any]


def is_collection(body: Row) -> bool:
    """Return whether a response is a page of a collection rather than a record."""
    return isinstance(body.get("results"), list)


class Pages:
    """The new rows of a collection, page after page; iterate once.

    Args:
        path: that the first page was read from.
        limit: the most rows to return; None for all.
        pause: waits before a retry, in seconds.

    Attributes:
        complete: once the iteration has ended: True if these were all rows, False if there are
            more, None if MyID did not say.
        reason: why it is not True, as the end of a sentence; may be empty.
    """

    def __init__(
        self,
        session: BearerSession,
        path: str,
        first: Row,
        *,
        limit: int | None = None,
        pause: Pause = time.sleep,
    ) -> None:
        self.complete: bool | None = False
        self.reason = ""
        self._session = session
        self._path = path
        self._first = first
        self._limit = limit
        self._pause = pause
        self._known: set[str] = set()
        self._visited = {session.absolute(path)}
        self._repeated = 0

    def __iter__(self) -> Iterator[list[Row]]:
        """Read the pages.

        Raises:
            MyIDAPIError: a page could not be read, or its rows are not JSON objects.
            NotSignedIn: the session has no token any more.
        """
        page: Row | None = self._first
        left = self._limit
        while page is not None:
            results = _results(page, self._path)
            fresh = [row for row in results if _is_new(row, self._known)]
            self._repeated += len(results) - len(fresh)
            following = _next_page(page, self._path, self._visited, self._session)
            if left is not None and len(fresh) >= left:
                if len(fresh) == left and following is None:
                    self.complete = self._whole(page, results)
                yield fresh[:left]
                return
            yield fresh
            left = None if left is None else left - len(fresh)
            if following is None:
                self._end(page, results)
                return
            page = self._read(following, is_new=bool(fresh) or len(self._visited) == 1)

    def _read(self, address: str, *, is_new: bool) -> Row | None:
        """Return the next page; None if the link to it is of no use."""
        url = self._session.absolute(address)
        if not is_new:
            self.complete, self.reason = None, "its link to the next page led to no new rows"
            return None
        if url in self._visited:
            self.complete, self.reason = None, "its link to the next page led back to a page"
            return None
        self._visited.add(url)
        try:
            return get_object(self._session, address, pause=self._pause)
        except NotOfThisAPI:
            self.reason = "its link to the next page leads out of the API"
            return None

    def _end(self, page: Row, results: list[Row]) -> None:
        self.complete = self._whole(page, results)
        if self._repeated:
            rows = "1 row" if self._repeated == 1 else f"{self._repeated:,} rows"
            self.reason = f"the collection changed while it was read ({rows} were returned twice)"

    def _whole(self, page: Row, results: list[Row]) -> bool | None:
        if self._repeated or ("links" not in page and len(results) in PAGE_SIZES):
            return None
        return True


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
    entries = [*_entries(page.get("links"))]
    for entry in entries:
        if any(isinstance(value, str) and _NEXT.search(value) for value in entry.values()):
            return _address(entry)
    here = urlsplit(session.absolute(path)).path.lower()
    urls = {_address(entry): session.absolute(_address(entry)) for entry in entries}
    onward = [
        address
        for address, url in urls.items()
        if urlsplit(url).path.lower() == here and urlsplit(url).query and url not in visited
    ]
    return onward[0] if len(onward) == 1 else None


def _entries(links: object) -> Iterator[Row]:
    # Those with an address, to be read with GET.
    if isinstance(links, dict):
        links = [
            {"rel": name, **(link if isinstance(link, dict) else {"href": link})}
            for name, link in links.items()
        ]
    for link in links if isinstance(links, list) else []:
        if not isinstance(link, dict) or not _address(link):
            continue
        if str(link.get("method") or "GET").upper() == "GET":
            yield link


def _address(link: Row) -> str:
    return next((link[name] for name in _ADDRESSES if isinstance(link.get(name), str)), "")
