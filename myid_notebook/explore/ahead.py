"""Guess the addresses of pages ahead of their link, so that they can be asked for meanwhile.

Nothing is guessed into a result: a page that was asked for ahead is used only if the page before
it names its address, and the first such page is asked for once more in its turn.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

from myid_notebook.explore.get import Answer
from myid_notebook.explore.pages import Reading, is_links

LEAST_ROWS = 200
"""Rows that are read before anything is asked for ahead."""

MOST_PAGES = 3
"""Pages that are asked for ahead of the one that is named."""

LARGE_PAGE = 8_000_000
"""Bytes of a page after which none is asked for ahead."""

_MAX_DIGITS = 15
_LINKS = 3
"""Links in a row that must be even before the next is predicted."""


class Ahead:
    """The pages ahead of one reading.

    Args:
        in_order: paths of which nothing is asked for ahead; that of the reading is added if order
            matters to the server.

    Attributes:
        reading: as given.
        under_way: URLs of pages that have been asked for ahead.
    """

    def __init__(self, reading: Reading, in_order: set[str]) -> None:
        self.reading = reading
        self._in_order = in_order
        self._path = reading.url_of(reading.asked).partition("?")[0].lower()
        self._sent = {unquote_plus(v) for _, v in _pairs(reading.asked.partition("?")[2])}
        self._url = reading.url_of
        self._links: list[str] = []
        self._step: dict[int, int] = {}
        self._most = 0
        self._is_over = self._path in in_order
        self._held: dict[str, Answer] = {}
        self._is_checked = False
        self._to_check: Answer | None = None
        self._is_alone = False
        self.under_way: set[str] = set()

    def note_link(self, answer: Answer) -> bool:
        """Look at the link that a page has named; return whether to begin asking ahead.

        Args:
            answer: the page, which the reading has received.
        """
        link = self.reading.next
        if self._is_over or link is None:
            self._end()
            return False
        was_on = bool(self._step)
        # As it is sent: the next one is predicted from it, and a link may be written in many ways.
        url = self._url(link)
        as_predicted = was_on and url == self._predicted(1)
        self._links = [*self._links[1 - _LINKS :], url]
        if was_on and not as_predicted:
            self._end()
        elif not was_on and len(self.reading.rows) > LEAST_ROWS:
            self._step = _steps_of(self._links, self._sent)
            self._most = 1 if self._step else 0
        if answer.size > LARGE_PAGE or self.reading.is_short_page:
            self._most = 0
        return bool(self._step) and not was_on

    def propose(self) -> str | None:
        """Return a URL to ask for ahead, or None."""
        if self._is_over or self._is_alone:
            return None
        for number in range(1, self._most + 1):
            url = self._predicted(number)
            is_new = url not in self._held and url not in self.under_way
            if is_new and self.reading.has_room_after(number) and len(self._held) < MOST_PAGES:
                self.under_way.add(url)
                return url
        return None

    def hold(self, url: str, answer: Answer | None) -> None:
        """Keep a page until it is named; None if it could not be read."""
        if url in self.under_way and answer is not None and not self._is_over:
            self._held[url] = answer
        self.under_way.discard(url)

    def take(self) -> Answer | None:
        """Return the page that is named now, if it is there."""
        answer = self._held.pop(self._url(self.reading.next or ""), None)
        if answer is not None and not self._is_checked:
            self._is_checked, self._to_check = True, answer
            return None
        if answer is not None:
            self._most = min(self._most + 1, MOST_PAGES)
        return answer

    @property
    def must_wait(self) -> bool:
        """Whether the named page is on its way, or must be asked for alone."""
        named = self._url(self.reading.next or "")
        return named in self.under_way or (self._is_alone and bool(self.under_way))

    def contradicts(self, answer: Answer) -> bool:
        """Return whether a page differs from the same one that was asked for ahead."""
        expected, self._to_check = self._to_check, None
        return expected is not None and _rows_and_links(expected) != _rows_and_links(answer)

    def drop(self) -> None:
        """Forget the pages that are held and those under way: the token is another one now."""
        self._held.clear()
        self.under_way.clear()

    def slow_down(self) -> None:
        """Halve the number of pages: the server is busy."""
        self._most //= 2
        if not self._most:
            self._end()

    def ask_alone(self) -> bool:
        """Ask for a page that failed once more with nothing beside; return whether that is new."""
        is_new = bool(self._step) and not self._is_alone
        self._is_alone = True
        return is_new

    def begin_again(self) -> bool:
        """Read from the first page on, in order; return whether that may help."""
        if not self._step or self._path in self._in_order:
            return False
        self._in_order.add(self._path)
        self._end()
        self.reading.begin_again()
        return True

    def _end(self) -> None:
        self._is_over = True
        self.drop()

    def _predicted(self, number: int) -> str:
        """Return the URL that follows the last link by so many pages."""
        path, _, query = self._links[-1].partition("?")
        pairs = _pairs(query)
        for index, step in self._step.items():
            name, value = pairs[index]
            pairs[index] = name, str(int(value) + number * step)
        return f"{path}?{'&'.join(map('='.join, pairs))}"


def _rows_and_links(answer: Answer) -> dict[str, Any]:
    # And not the time of the response, for example.
    return {
        name: value for name, value in answer.body.items() if name == "results" or is_links(name)
    }


def _pairs(query: str) -> list[tuple[str, str]]:
    # As they are written, so that what is predicted is what the server would write.
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]


def _steps_of(links: list[str], sent: set[str]) -> dict[int, int]:
    """Return the step of each value that grows evenly, by position; empty if links are not even."""
    first, *others = [_pairs(link.partition("?")[2]) for link in links]
    same_path = len({link.partition("?")[0] for link in links}) == 1
    names = [name for name, _ in first]
    if len(links) < _LINKS or not same_path or any(names != [*dict(o)] for o in others):
        return {}
    steps = {}
    for index, (_, value) in enumerate(first):
        values = [value, *(pairs[index][1] for pairs in others)]
        if len({*values}) == 1 and (_is_number(value) or unquote_plus(value) in sent):
            continue
        if not all(map(_is_number, values)):
            return {}
        differences = {int(after) - int(before) for before, after in pairwise(values)}
        if len(differences) > 1 or min(differences) <= 0:
            return {}
        steps[index] = differences.pop()
    return steps


def _is_number(value: str) -> bool:
    is_decimal = value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS
    return is_decimal and (value == "0" or not value.startswith("0"))
