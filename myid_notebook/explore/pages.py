"""Read what is at a path: a record, or a collection page by page.

How MyID's next page is asked for is not public: the entry of a page's ``links`` that is named as
the next page is followed as given. What a page says about the rest is decided here alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.get import Answer, NotOfThisAPI, sent_url, url_within_api
from myid_notebook.session.session import BearerSession

SMALLEST_PAGE = 50
"""Rows of a full page in releases of MyID, at least; without ``links`` there may be more."""

CAPS = frozenset({200, 1_000, 2_000})
"""Rows at which a search of MyID's Operator Client or audit report ends, whatever it found."""

MAX_ROWS = 5_000_000
"""Rows of one reading: a collection without an end must not fill the memory."""

MAX_EMPTY_PAGES = 100
"""Pages without a row, one after another, that are read."""

LIMITED = "limit=None reads all of them"

Row = dict[str, Any]

_NEXT_WORDS = (
    "next|weiter|nächste|suivante?|siguiente|próxim[ao]|successiv[ao]|prossim[ao]|volgende|nästa|"
    "neste|næste|seuraava|następn[ay]|další|ďalšia|következő|následující|επόμεν[ηο]|sonraki|"
    "следующая|далее|下一页|下一頁|次へ|다음"
)
_PAGE_WORDS = "pages?|results?|rows|records|link|url|seite|página|pagina"
_NEXT = re.compile(rf"(?<![^\W_])(?i:{_NEXT_WORDS})(?![^\W_A-Z])")  # also next_page and nextPage
_JUST_NEXT = re.compile(
    rf"(?:the )?(?:{_NEXT_WORDS})(?:[\W_]*+(?:{_PAGE_WORDS}|of|[0-9]))*+", re.IGNORECASE
)
_OTHER_WORDS = (
    "self|this|current|first|prev|previous|back|start|zurück|vorherige|erste|précédente?|"
    "première?|anterior|primer[ao]|precedente|prim[ao]|vorige|eerste|föregående|forrige"
)
_OTHER_PAGE = re.compile(
    rf"(?=.*(?:{_OTHER_WORDS}))(?:(?:{_OTHER_WORDS}|{_PAGE_WORDS}|go|to|the)[\W_]*+)++",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"next|more|continu|truncat|cursor|incomplete|partial|remain|overflow|exceed|limited|"
    r"limit_?reached|warn",
    re.IGNORECASE,
)
_LAST = re.compile(r"last|complete|final|finished|done|eof|end_?of", re.IGNORECASE)
_TOTAL = re.compile(r"total|(?<!ac)count(?!r)|content-range", re.IGNORECASE)
_PAGES = re.compile(r"pages|page_?count|last_?page", re.IGNORECASE)
_NO = {"false", "no", "0", "none", "null", ""}
_DEPTH = 8
"""Levels of a page's links and signs that are looked at."""

ADDRESSES = ("href", "url", "uri")
"""Members of a link that may have its address, in lower case."""

_MAX_ADDRESS = 16_384
"""Characters of an address; web servers take no longer ones."""
_MAX_DIGITS = 16


class Remainder(NamedTuple):
    """What a page says about the rows behind it.

    Attributes:
        address: of the next page; None if there is none, or none that is certain.
        complete: True if there are no more rows, False if there are, None if MyID did not say it
            in a way that is understood.
        reason: why it is not True, as the end of a sentence.
    """

    address: str | None
    complete: bool | None
    reason: str


class Reading:
    """What has been read of one path, and what to ask for next.

    Args:
        path: as the user wrote it.
        address: of the first page.
        limit: the most rows to read; None for all.
        of_collection: whether a record is an error.

    Attributes:
        path: as given.
        asked: the address of the first page.
        next: the address to ask for; None at the end.
        record: what is at the path, if it is no collection.
        rows: the rows of the collection so far.
        complete: at the end: whether these are all rows, as ``Remainder`` has it.
        reason: why it is not True, as the end of a sentence.
        error: why the reading failed; None if it did not.
    """

    def __init__(
        self,
        session: BearerSession,
        path: str,
        address: str,
        *,
        limit: int | None = None,
        of_collection: bool = False,
    ) -> None:
        self.path = path
        self.asked = address
        self.record: Row | None = None
        self.complete: bool | None = False
        self.reason = ""
        self.error: Exception | None = None
        self._session = session
        self._here = url_within_api(session, address)
        self._limit = limit
        self._of_collection = of_collection
        self.rows: list[Row] = []
        self._rows_before: list[Row] = []
        self.begin_again()

    def begin_again(self) -> None:
        """Begin with the first page; ``most_rows`` keeps what was read."""
        self._rows_before = self.most_rows
        self.next: str | None = self.asked
        self.rows = []
        self._visited: set[str] = set()
        self._size = self._empty_pages = self._repeated = 0
        self._smallest = SMALLEST_PAGE
        self._last: list[Row] = []
        self._keys: set[str] = set()
        self._hashes: set[int] | None = None

    @property
    def most_rows(self) -> list[Row]:
        """The rows so far, or those of an earlier attempt, whichever are more."""
        return max(self.rows, self._rows_before, key=len)

    @property
    def is_short_page(self) -> bool:
        """Whether the page that was read last has fewer rows than the first."""
        return len(self._last) < self._size

    def has_room_after(self, pages: int) -> bool:
        """Return whether rows are wanted behind so many full pages."""
        return self._limit is None or len(self.rows) + pages * self._size < self._limit

    @property
    def is_new(self) -> bool:
        """Whether nothing has been read yet."""
        return not self._visited

    def receive(self, answer: Answer) -> None:
        """Take the response for ``next``, which then has the address of the next page.

        Raises:
            MyIDAPIError: it is not what the path promises.
        """
        page = answer.body
        if self.is_new and not self._of_collection and not is_collection(page):
            self._visited.add(self._here)
            self.record, self.next, self.reason = page, None, answer.more
            self.complete = None if answer.more else True
            return
        results = self._results(page)
        self._visited.add(self.url_of(self.next or ""))
        self._size = self._size or len(results)
        fresh = self._fresh(results)
        led_nowhere = bool(results) and (not fresh or results == self._last)
        self._last = results
        self._empty_pages = 0 if results else self._empty_pages + 1
        self._repeated += len(results) - len(fresh)
        self.rows += fresh
        rest = self._remainder(answer, results)
        self._smallest = min(self._smallest, len(results) or self._smallest)
        if rest.address and led_nowhere:
            rest = Remainder(None, None, "its link to the next page led to no new rows")
        elif rest.address and self._empty_pages >= MAX_EMPTY_PAGES:
            rest = Remainder(None, None, f"it sent {MAX_EMPTY_PAGES} pages without a row")
        self._end_or_go_on(rest)

    def _end_or_go_on(self, rest: Remainder) -> None:
        limit = MAX_ROWS if self._limit is None else min(self._limit, MAX_ROWS)
        over = len(self.rows) > limit
        del self.rows[limit:]
        if over or (rest.address and len(self.rows) == limit):
            only = f"no more than {MAX_ROWS:,} rows are read"
            rest = Remainder(None, False, LIMITED if limit == self._limit else only)
        if rest.complete is True and self._repeated:
            rows = "1 row was" if self._repeated == 1 else f"{self._repeated:,} rows were"
            changed = f"the collection changed while it was read ({rows} returned twice)"
            rest = Remainder(None, None, changed)
        self.next, self.complete, self.reason = rest

    def _results(self, page: Row) -> list[Row]:
        if not is_collection(page):
            raise MyIDAPIError(
                f"{self.path} is not a collection: the response has no results. For one record, "
                f"use myid.fetch({self.path!r})."
                if self.is_new
                else f"A page of {self.path} has no results.",
                path=self.path,
            )
        results = page["results"] or []
        if not all(isinstance(row, dict) for row in results):
            raise MyIDAPIError(f"The results of {self.path} are not JSON objects.", path=self.path)
        return results

    def _fresh(self, results: list[Row]) -> list[Row]:
        """Return the rows that did not come before; a repetition is a row that is equal."""
        keys = [str(row["href" if row.get("href") else "id"]) for row in results if _has_key(row)]
        if self._hashes is None:
            if len({*keys}) == len(keys) and self._keys.isdisjoint({*keys}):
                self._keys.update(keys)
                return results
            self._hashes = {*map(_hash, self.rows)}  # rare, so rows are compared from now on only
        fresh = []
        for row in results:
            number = _hash(row)
            if number not in self._hashes or not _has_key(row):
                fresh.append(row)
            self._hashes.add(number)
        return fresh

    def _remainder(self, answer: Answer, results: list[Row]) -> Remainder:
        page = answer.body
        links = [value for name, value in page.items() if is_links(name)]
        found = self._next_of(links)
        if found is not None:
            return found
        count = len(self.rows)
        reason = answer.more or _sign_of_more({**page, **answer.headers}, count, len(self._visited))
        full = SMALLEST_PAGE if len(self._visited) == 1 else self._smallest
        has_links = any(isinstance(each, list | dict) for each in links)
        if reason:
            reason = self._session.outside_text(reason)
        elif not has_links and len(results) >= full:
            reason = "it did not say whether there are more"
        elif count in CAPS:
            reason = f"a search of MyID may end at {count:,} rows without saying so"
        return Remainder(None, None if reason else True, reason)

    def _next_of(self, links: object) -> Remainder | None:
        """Return what the links say, or None if they lead to nothing that was not read."""
        nexts: dict[str, Row] = {}
        unknown: dict[str, Row] = {}
        elsewhere, leads_back, are_understood = [], False, True
        for entry in _entries(links):
            address, texts = _address(entry), [*_labels(entry)]
            url, says_next = self.url_of(address), [*filter(_NEXT.search, texts)]
            is_page = _is_read(entry) and self._is_same_path(url)
            if is_page and says_next and self._session.bearer.covers(url):
                leads_back = leads_back or url in self._visited
                nexts[url] = entry
            elif says_next and all(map(_JUST_NEXT.fullmatch, says_next)):
                elsewhere.append(entry)
            elif is_page:
                if url not in self._visited and not any(map(_OTHER_PAGE.fullmatch, texts)):
                    unknown[url] = entry
            else:
                are_understood = are_understood and (bool(address) or not _has_address(entry))
        onward = [entry for url, entry in nexts.items() if url not in self._visited]
        if len(onward) == 1:
            return Remainder(self._absolute(_address(onward[0])), False, "")
        doubtful = onward or [*unknown.values()]
        if doubtful:
            named = ", ".join(map(self._named, doubtful[:3]))
            return Remainder(None, None, f"it is not certain which link is the next page: {named}")
        if leads_back:
            return Remainder(None, None, "its link to the next page led back to a page")
        if elsewhere:
            return self._elsewhere(elsewhere[0])
        return None if are_understood else Remainder(None, None, "its links are not understood")

    def _elsewhere(self, entry: Row) -> Remainder:
        try:
            if _address(entry):
                url_within_api(self._session, _address(entry))
        except NotOfThisAPI:
            return Remainder(None, False, "its link to the next page leads out of the API")
        named = self._named(entry)
        return Remainder(None, None, f"its link to the next page cannot be followed: {named}")

    def _named(self, entry: Row) -> str:
        shown = self._session.outside_text
        label, address = max(_labels(entry), key=len, default=""), shown(_address(entry))
        return f"{shown(label)} ({address})" if label else address

    def _absolute(self, address: str) -> str:
        # A query alone belongs to the page that has it (RFC 3986 section 5.3).
        return self._here.partition("?")[0] + address if address.startswith("?") else address

    def url_of(self, address: str) -> str:
        """Return the URL that is sent for an address in a page; empty if it is none."""
        if len(address) > _MAX_ADDRESS:
            return ""
        try:
            return sent_url(self._session, self._absolute(address))
        except ValueError:
            return ""

    def _is_same_path(self, url: str) -> bool:
        here, there = urlsplit(self._here), urlsplit(url)
        # On any server: MyID behind a proxy may name itself by another address.
        return there.path.lower().rstrip("/") == here.path.lower().rstrip("/")


def is_collection(body: Row) -> bool:
    """Return whether a response is a page of a collection rather than a record."""
    return "results" in body and (body["results"] is None or isinstance(body["results"], list))


def is_links(name: str) -> bool:
    """Return whether a member of a page is its links."""
    return name.lower().strip("_@") == "links"


def _entries(links: object, rel: str = "", depth: int = _DEPTH) -> Iterator[Row]:
    """Yield each link with its members in lower case, whichever form the links have."""
    if isinstance(links, list) and depth:
        for each in links:
            yield from _entries(each, rel, depth - 1)
    elif isinstance(links, dict) and depth:
        entry = {"rel": rel} | {name.lower(): value for name, value in links.items()}
        if any(map(entry.get, ADDRESSES)) or not _has_address(entry):  # not {"href": null}
            yield entry
        if not _has_address(entry):
            for name, value in links.items():
                yield from _entries(value, name, depth - 1)
    elif links:  # "next": null is none
        yield {"rel": rel, "href": links}


def _has_address(entry: Row) -> bool:
    return not entry.keys().isdisjoint(ADDRESSES)


def _is_read(entry: Row) -> bool:
    return bool(_address(entry)) and str(entry.get("method") or "GET").upper() == "GET"


def _address(entry: Row) -> str:
    return next((entry[name] for name in ADDRESSES if isinstance(entry.get(name), str)), "")


def _labels(entry: Row) -> Iterator[str]:
    for name, value in entry.items():
        if name not in {*ADDRESSES, "method"}:
            texts = value if isinstance(value, list) else [value]
            yield from (text.strip() for text in texts if isinstance(text, str) and text.strip())


def _sign_of_more(page: Row, rows: int, pages: int) -> str:
    for name, value in _signs(page):
        read = pages if _PAGES.search(name) else rows if _TOTAL.search(name) else None
        number = None if read is None else _number(value)
        if read is not None and number is not None:
            if number > read:
                return f"its {name} is {number:,}"
        elif _MORE.search(name):
            if str(value).lower() not in _NO and value not in ([], {}):
                return f"it sent {name}"
        elif _LAST.search(name) and str(value).lower() in {"false", "no"}:
            return f"its {name} is {value}"
    return ""


def _signs(page: Row, depth: int = _DEPTH) -> Iterator[tuple[str, object]]:
    for name, value in page.items():
        if name != "results" and not is_links(name):
            yield name, value
            if isinstance(value, dict) and depth:
                yield from _signs(value, depth - 1)


def _number(value: object) -> int | None:
    text = str(value) if isinstance(value, str | int | float) else ""
    text = text.rpartition("/")[2].replace(",", "").removesuffix(".0")  # of "items 0-49/500", too
    return int(text) if text.isdecimal() and len(text) < _MAX_DIGITS else None


def _has_key(row: Row) -> bool:
    return isinstance(row.get("href") or row.get("id"), str | int)


def _hash(row: Row) -> int:
    return hash(json.dumps(row, sort_keys=True))
