"""Search a collection, and notice a parameter that MyID ignores before everybody comes back."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus
from numbers import Number
from typing import Any
from urllib.parse import parse_qsl, urlencode

from myid_notebook.errors import MyIDError, WithUsersLine, closest
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.description import known_parameters
from myid_notebook.explore.get import get_object
from myid_notebook.explore.pages import Pages
from myid_notebook.explore.progress import Progress
from myid_notebook.explore.rows import Rows, rows_of
from myid_notebook.front_end import writable
from myid_notebook.session.session import BearerSession


class FilterIgnored(WithUsersLine, MyIDError):
    """MyID ignores a search parameter, so that the search would return everybody.

    Attributes:
        parameter: its name.
        path: of the collection.
    """

    def __init__(self, message: str, *, parameter: str = "", path: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter
        self.path = path


def search(
    session: BearerSession,
    path: str,
    params: Mapping[str, Any] | None,
    *,
    limit: int | None,
    checked: set[tuple[str, str]] | None,
) -> Rows:
    """Return the rows of a collection; see ``MyIDSession.search``.

    Args:
        checked: path and name of the parameters that MyID takes into account, to which those of
            this search are added; None to check none.
    """
    if limit is not None and (type(limit) is not int or limit < 1):
        raise ValueError(f"limit is {limit!r}; it must be a whole number from 1, or None for all.")
    path, query = _query_of(path, params)
    if checked is not None:
        _check_filters(session, path, query, checked)
    progress, begun = Progress(), datetime.now(UTC)
    target = f"{path}?{urlencode(query, doseq=True)}" if query else path
    pages = Pages(session, target, get_object(session, path, query), limit=limit)
    found: list[dict[str, Any]] = []
    for page in pages:
        found += page
        progress.show(f"{path}: {len(found):,} rows so far")
    progress.end(f"{path}: {len(found):,} rows in {progress.elapsed}")
    rows = rows_of(session, found, path, query, complete=pages.complete, read_from=begun)
    _tell_what_may_be_missing(rows, pages.reason)
    return rows


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


def _tell_what_may_be_missing(rows: Rows, reason: str) -> None:
    # Each time: an audit of half the people must not look like an audit of all.
    path, count = rows.path, "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    if rows.complete is False:
        text = reason or "limit=None reads all of them"
        _print(f"{path}: {count}, and there are more ({text}).")
    elif rows.complete is None:
        text = reason or "it did not say whether there are more; narrow the search"
        _print(f"{path}: {count}; MyID may have more ({text}).")
    elif not rows and "*" in str(rows.params.get("q", "")):
        _print(
            f"{path}: no rows. q matches the beginnings of words and takes no *; for a wildcard "
            "use another parameter, such as name.last."
        )


def _print(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None)
    print(writable(text, encoding))  # noqa: T201 - meant for the cell


def _check_filters(
    session: BearerSession, path: str, params: Mapping[str, Any], checked: set[tuple[str, str]]
) -> None:
    """Ask for each parameter alone, with a value nobody can have; rows mean it is ignored.

    MyID returns all results for a filter that it does not support (a comment in Intercede's own
    sample scripts). A parameter is asked for once in a session; status 400 shows that MyID knows
    it.

    Args:
        path: of the collection, without a query.

    Raises:
        FilterIgnored: MyID ignores a parameter.
        MyIDAPIError: MyID refused the request for another reason.
    """
    place = path.strip("/").lower()
    for name in params:
        key = place, name.lower()
        if key in checked:
            continue
        if _is_ignored(session, path, name):
            raise FilterIgnored(_ignored(session, place, name), parameter=name, path=path)
        checked.add(key)


def _is_ignored(session: BearerSession, path: str, name: str) -> bool:
    try:
        page = get_object(session, path, {name: f"nobody-{secrets.token_hex(8)}"})
    except MyIDAPIError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        return False
    return bool(page.get("results"))


def _ignored(session: BearerSession, place: str, name: str) -> str:
    known = known_parameters(place, session)
    lower = {each.lower(): each for each in known}
    near = closest(name.lower(), lower, cutoff=0.5)
    if near:
        hint = f"Did you mean {lower[near]!r}?"
    elif known:
        hint = f"Known parameters: {', '.join(known)}."
    else:
        hint = "%myid_api may list those that it knows."
    return (
        f"MyID ignores the parameter {name!r} of {place}, so it would return every record. {hint} "
        "(If it is not a filter, pass check=False.)"
    )
