"""Search a collection."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from numbers import Number
from typing import Any
from urllib.parse import parse_qsl, urlencode

from myid_notebook.explore.filter_check import check_filters
from myid_notebook.explore.get import get_object
from myid_notebook.explore.pages import Collection, read_pages
from myid_notebook.explore.progress import Progress
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import writable


def search(
    session: MyIDSession,
    path: str,
    params: Mapping[str, Any] | None,
    *,
    limit: int | None,
    check: bool,
) -> Rows:
    """Return the rows of a collection; see ``MyIDSession.search``."""
    if limit is not None and (type(limit) is not int or limit < 1):
        raise ValueError(f"limit is {limit!r}; it must be a whole number from 1, or None for all.")
    path, query = _query_of(path, params)
    if check:
        check_filters(session, path, query)
    progress = Progress()
    page = get_object(session, path, query)
    target = f"{path}?{urlencode(query, doseq=True)}" if query else path
    found = read_pages(
        session,
        target,
        page,
        limit=limit,
        on_page=lambda count: progress.show(f"{path}: {count:,} rows so far"),
    )
    progress.end(f"{path}: {len(found.rows):,} rows in {progress.elapsed}")
    rows = rows_of(session, found.rows, path, query, complete=found.complete)
    _tell_what_may_be_missing(path, query, found)
    return rows


def rows_of(
    session: MyIDSession,
    rows: list[dict[str, Any]],
    path: str,
    params: Mapping[str, Any],
    *,
    complete: bool | None,
    columns: Sequence[str] = (),
) -> Rows:
    """Return rows with who read them, and how many of them to show."""
    operator = None if session.operator is None else str(session.operator)
    return Rows(
        rows,
        path=path,
        params=params,
        complete=complete,
        operator=operator,
        show_rows=session.show_rows,
        columns=columns,
    )


def _query_of(path: str, params: Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    if not isinstance(path, str):
        raise TypeError(f"path must be text such as 'people', not {type(path).__name__}")
    if params is not None and not isinstance(params, Mapping):
        raise TypeError(
            f"params must be a mapping such as {{'name.last': 'Sm*'}}, not {type(params).__name__}"
        )
    path, _, text = path.partition("?")
    query: dict[str, Any] = dict(parse_qsl(text.partition("#")[0]))
    for name, value in (params or {}).items():
        if value is not None:
            query[str(name)] = _as_text(str(name), value)
    return path.rstrip("/"), query


def _as_text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | Number):
        return str(value)
    raise TypeError(
        f"The value of {name!r} must be text, a number or a date, not {type(value).__name__}"
    )


def _tell_what_may_be_missing(path: str, query: Mapping[str, Any], found: Collection) -> None:
    # Each time: an audit of half the people must not look like an audit of all.
    count = "1 row" if len(found.rows) == 1 else f"{len(found.rows):,} rows"
    if found.complete is False:
        text = found.reason or "limit=None reads all of them"
        _tell(f"{path}: {count}, and there are more ({text}).")
    elif found.complete is None:
        reason = found.reason or "it did not say whether there are more; narrow the search"
        _tell(f"{path}: {count}; MyID may have more ({reason}).")
    elif not found.rows and "*" in str(query.get("q", "")):
        _tell(
            f"{path}: no rows. q matches the beginnings of words and takes no *; for a wildcard "
            "use another parameter, such as name.last."
        )


def _tell(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None)
    print(writable(text, encoding))  # noqa: T201 - meant for the cell
