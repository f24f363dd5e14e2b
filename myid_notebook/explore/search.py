"""Read one path whole: a record, or a collection from its first page to its last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from myid_notebook.errors import NotSignedIn, SessionExpired, WithUsersLine
from myid_notebook.explore.ahead import Ahead
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.calls import Calls, End
from myid_notebook.explore.filters import (
    FilterCheck,
    FilterIgnored,
    Query,
    joined,
    query_of,
    split_path,
    whole_number,
)
from myid_notebook.explore.get import url_within_api
from myid_notebook.explore.pages import Reading
from myid_notebook.explore.progress import Progress
from myid_notebook.explore.rows import Rows, rows_of
from myid_notebook.explore.view import without_ids
from myid_notebook.front_end import runs_in_cell, say
from myid_notebook.session.session import BearerSession
from myid_notebook.tracebacks import StrippedFrames
from myid_notebook.untrusted_text import one_line

Record = dict[str, Any]


class _Resumable(BaseException):
    """A reading that ended before its last page.

    Attributes:
        rows: what was read before, a ``Rows``.
    """

    rows: Rows
    _resume: Callable[[], Record | Rows] | None

    def resume(self) -> Rows:
        """Read on where it ended, and return all rows.

        Raises:
            RuntimeError: the error comes from a pickle, which holds no session.
        """
        if self._resume is None:
            raise RuntimeError("This error was stored, and the session was not. Search again.")
        with StrippedFrames(keep_users=True):
            return cast("Rows", self._resume())

    def __reduce__(self) -> tuple[Any, ...]:
        reduced: tuple[Any, ...] = super().__reduce__()  # type: ignore[assignment] # typeshed says str, too
        return *reduced[:2], {**reduced[2], "_resume": None}


class SearchStopped(_Resumable, MyIDAPIError):
    """A search failed after some of its pages. What was read is kept.

    Attributes:
        rows: what was read before, a ``Rows``.
    """

    def __init__(
        self,
        message: str,
        *,
        rows: Rows,
        cause: MyIDAPIError | None = None,
        resume: Callable[[], Record | Rows] | None = None,
    ) -> None:
        super().__init__(message)
        if cause is not None:
            vars(self).update(vars(cause))
        self.rows = rows
        self._resume = resume


class SearchInterrupted(_Resumable, WithUsersLine, KeyboardInterrupt):
    """The user interrupted a search; a ``KeyboardInterrupt``, like every interrupt.

    Attributes:
        rows: what was read before, a ``Rows``.
    """

    def __init__(
        self, message: str, *, rows: Rows, resume: Callable[[], Record | Rows] | None = None
    ) -> None:
        super().__init__(message)
        self.rows = rows
        self._resume = resume


def search(
    session: BearerSession,
    filters: FilterCheck,
    in_order: set[str],
    path: str,
    params: Mapping[str, Any] | None,
    *,
    limit: int | None,
    check: bool,
) -> Rows:
    """Return the rows of a collection; see ``MyIDSession.search``."""
    most = None if limit is None else whole_number(limit)
    if limit is not None and (most is None or most < 1):
        raise ValueError(f"limit is {limit!r}; it must be a whole number from 1, or None for all.")
    if not isinstance(path, str):
        raise TypeError(f"path must be text such as 'people', not {type(path).__name__}")
    url_within_api(session, path)
    place, query = split_path(path) if path not in filters.given else (path, {})
    given = query_of(params)
    names = {name.lower() for name in given}
    query = {name: value for name, value in query.items() if name.lower() not in names} | given
    reading = Reading(session, place, joined(place, query), limit=most, of_collection=True)
    return cast("Rows", read_whole(session, reading, query, filters, in_order, check=check))


def read_whole(
    session: BearerSession,
    reading: Reading,
    query: Query,
    filters: FilterCheck,
    in_order: set[str],
    *,
    check: bool,
) -> Record | Rows:
    """Return the record at a path, or all rows of the collection there.

    Args:
        reading: not yet begun.
        query: the parameters, to be shown.
        in_order: paths of which no page is asked for ahead of its link.
        check: whether to check the parameters.

    Raises:
        SearchStopped: the reading ended after some pages.
        SearchInterrupted: the user interrupted it, in a cell.
        MyIDError: nothing could be read.
    """
    operator, begun, path = session.operator, datetime.now(UTC), reading.path
    shown = path if session.show_rows > 0 else _without_people(path)

    def rows() -> Rows:
        return rows_of(
            session,
            reading.rows if reading.next is None else reading.most_rows,
            path,
            query,
            complete=False if reading.next else reading.complete,
            reason=reading.reason,
            read_from=begun,
            operator=None if operator is None else str(operator),
        )

    def read() -> Record | Rows:
        progress = Progress()
        calls = Calls(
            session,
            iter([] if reading.next is None else [reading]),  # nothing, if all pages are read
            take=lambda _: "",
            line=lambda: f"{shown}: {len(reading.rows):,} rows so far",
            progress=progress,
            operator=operator,
            check=partial(filters.look, session, on=check),
            ahead=Ahead(reading, in_order),
        )
        reading.error = None
        end = calls.run(workers=1)
        is_whole = not (end.interrupted or end.reason or end.error or reading.error)
        how = f" in {progress.elapsed}" if is_whole else ", not finished"
        progress.end(f"{shown}: {len(reading.rows):,} rows{how}")
        if not is_whole:
            raise _stopped(end, reading, rows(), read)
        if reading.record is not None:
            if reading.reason:  # a dict has no place for it
                say(f"{one_line(shown)} may not be what was asked for: {reading.reason}.")
            return reading.record
        found = rows()
        tell_doubt(found)
        return found

    return read()


def _stopped(
    end: End, reading: Reading, rows: Rows, resume: Callable[[], Record | Rows]
) -> BaseException:
    """Return what to raise for a reading that ended early."""
    error, reason = reading.error or end.error, end.reason
    if isinstance(error, FilterIgnored) or (error is not None and not rows and not reason):
        return error
    why = " ".join(filter(None, [reason, str(error or "")]))
    if not rows and not end.interrupted:
        if isinstance(error, MyIDAPIError):
            error.args = (why,)
            return error
        return (NotSignedIn if isinstance(error, NotSignedIn) else SessionExpired)(why)
    count = "1 row was" if len(rows) == 1 else f"{len(rows):,} rows were"
    how = (
        f"{count} read: .rows of this error has them, and .resume() reads on where it ended "
        "(in a notebook: import sys; rows = sys.last_value.resume())."
    )
    if end.interrupted and runs_in_cell():
        return SearchInterrupted(f"{reading.path}: {how}", rows=rows, resume=resume)
    cause = error if isinstance(error, MyIDAPIError) else None
    return SearchStopped(f"{why} {how}".lstrip(), rows=rows, cause=cause, resume=resume)


def _without_people(text: str) -> str:
    """Leave out of a line what may stand for a person: ids in paths, and parameters."""
    words = []
    for word in text.split(" "):
        path, mark, query = word.partition("?")
        closing = query[len(query.rstrip(").,:")) :]
        words.append(f"{without_ids(path, '…') if '/' in path else path}{mark and '?…'}{closing}")
    return " ".join(words)


def tell_doubt(rows: Rows) -> None:
    """Print a line if the rows are not certainly all, each time.

    An audit of half the people must not look like an audit of all.
    """
    path, count = one_line(rows.path), "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    reason = f" ({rows.origin.reason})" if rows.origin.reason else ""
    if rows.show_rows <= 0:
        path, reason = _without_people(path), _without_people(reason)
    if rows.complete is False:
        say(f"{path}: {count}, and there are more{reason}.")
    elif rows.complete is None:
        say(f"{path}: {count}; MyID may have more{reason}.")
    elif not rows and "*" in str(rows.params.get("q", "")):
        say(
            f"{path}: no rows. q matches the beginnings of words and takes no *; for a wildcard "
            "use another parameter, such as name.last."
        )
