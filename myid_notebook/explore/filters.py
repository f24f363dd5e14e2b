"""Search parameters: read them strictly, and notice those that MyID ignores.

MyID returns everybody for a parameter that it does not know (a comment in Intercede's own sample
scripts), and may do so for one without a value.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from http import HTTPStatus
from numbers import Integral, Number
from typing import Any
from urllib.parse import unquote, unquote_plus, urlencode
from uuid import UUID

from myid_notebook.errors import MyIDError, WithUsersLine, closest
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.description import known_parameters
from myid_notebook.explore.get import Answer, Unanswered, get_object
from myid_notebook.explore.pages import ADDRESSES, Reading
from myid_notebook.explore.view import without_ids
from myid_notebook.session.session import BearerSession
from myid_notebook.untrusted_text import one_line

Query = dict[str, str | list[str]]
"""Parameter name to value, or to the values of a name that is sent several times."""


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


def split_path(path: str, *, whole: bool = False) -> tuple[str, Query]:
    """Split a path that a user wrote into path and parameters.

    Args:
        whole: whether to keep a "/" at the end of the path.

    Raises:
        ValueError: a part of it would get lost on the way, or a parameter has no value.
    """
    place, mark, text = path.partition("?")
    if "#" in path:
        raise ValueError(
            f"{path!r} contains '#', behind which nothing is sent. Give parameters as a mapping, "
            "such as {'group': 'R#D'}, and quote an id: urllib.parse.quote(id, safe='')."
        )
    query: Query = {}
    for part in text.split("&") if mark else []:
        name, equals, value = part.partition("=")
        if not equals or not name:
            raise ValueError(
                f"{part!r} in {path!r} is no parameter, because it has no '='. Give parameters as "
                "a mapping, such as myid.search('people', {'group': 'R&D'}); if '?' belongs to an "
                "id, quote it: urllib.parse.quote(id, safe='')."
            )
        _add(query, unquote_plus(name), _text_of(unquote_plus(name), unquote_plus(value)))
    if {".", ".."} & {*unquote(place).split("/")}:
        raise ValueError(f"{path!r} contains '.' or '..' in place of an id, and leads elsewhere.")
    return place if whole else place.rstrip("/"), query


def query_of(params: Mapping[str, Any] | None) -> Query:
    """Return the parameters of a mapping as text; a list of values is sent one by one.

    Raises:
        TypeError: a value is of a kind that cannot be sent.
        ValueError: a parameter has no value, or is there twice.
    """
    if params is not None and not isinstance(params, Mapping):
        raise TypeError(
            f"params must be a mapping such as {{'name.last': 'Sm*'}}, not {type(params).__name__}"
        )
    query: Query = {}
    for name, value in (params or {}).items():
        if str(name).lower() in map(str.lower, query):
            raise ValueError(f"{name} is given twice; MyID ignores the case of a name.")
        query[str(name)] = _value_of(str(name), value)
    return query


def joined(path: str, query: Query) -> str:
    """Return a path with parameters."""
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


class FilterCheck:
    """Ask once, for each parameter of a collection, whether MyID takes it into account.

    The question is the parameter alone, with a value nobody can have; rows mean that it is
    ignored. Status 400 shows that MyID knows it. Without rows there is nothing to ask, because
    nothing was found.

    Attributes:
        given: addresses with a query that MyID itself has sent; they are not checked.
    """

    def __init__(self) -> None:
        self.given: set[str] = set()
        self._ignored: dict[tuple[str, str], bool] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Ask again: another person may see rows where the last one saw none."""
        self._ignored.clear()

    def look(self, session: BearerSession, reading: Reading, answer: Answer, *, on: bool) -> None:
        """Check the parameters of a reading, at its first page with rows.

        Args:
            answer: the page, not yet taken.
            on: whether to check, and not only to note the addresses in the page.

        Raises:
            FilterIgnored: MyID ignores a parameter.
            Unanswered: as ``get_object`` raises it.
            MyIDError: MyID refused the question for another reason than its value.
        """
        is_given = "?" not in reading.asked or reading.asked in self.given
        if on and not reading.rows and not is_given and answer.body.get("results"):
            self._check(session, *split_path(reading.asked))
        found = {*_addresses(answer.body)}
        # A page that names itself would vouch for the parameters that the user wrote.
        self.given.update(found if is_given else found - {reading.asked})

    def _check(self, session: BearerSession, path: str, names: Iterable[str]) -> None:
        place = path.strip("/").lower()
        with self._lock:  # other threads that ask the same wait for the answer
            for name in names:
                # One question for the same collection of all people, such as people/{id}/devices.
                # The last part is no person's: reports/101 and reports/102 are two collections.
                above, slash, last = place.rpartition("/")
                key = f"{without_ids(above, '{id}')}{slash}{last}", name.lower()
                if key not in self._ignored:
                    self._ignored[key] = _is_ignored(session, path, name)
                if self._ignored[key]:
                    raise FilterIgnored(_ignored(session, place, name), parameter=name, path=path)


def _is_ignored(session: BearerSession, path: str, name: str) -> bool:
    try:
        page = get_object(session, joined(path, {name: f"nobody-{secrets.token_hex(8)}"})).body
    except (MyIDAPIError, Unanswered) as failure:
        error = failure.error if isinstance(failure, Unanswered) else failure
        if error.status == HTTPStatus.BAD_REQUEST:
            return False
        error.args = (f"{error} {_WHAT_WAS_ASKED.format(name=name)}",)
        raise
    return bool(page.get("results"))


_WHAT_WAS_ASKED = (
    "(This was the response to the question whether MyID takes the parameter {name!r} into account;"
    " check=False leaves the question out.)"
)


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
        f"MyID ignores the parameter {name!r} of {one_line(place)}, so it would return every "
        f"record. {hint} (If it is not a filter, pass check=False.)"
    )


_DEPTH = 8


def _addresses(value: object, depth: int = _DEPTH) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str):
                if "?" in each and str(name).lower() in ADDRESSES:
                    yield each
            elif depth and isinstance(each, dict | list):
                yield from _addresses(each, depth - 1)
    elif depth and isinstance(value, list):
        for each in value:
            yield from _addresses(each, depth - 1)


def _add(query: Query, name: str, value: str) -> None:
    known = query.get(name)
    if known is None:
        query[name] = value
    else:
        query[name] = [*([known] if isinstance(known, str) else known), value]


def _value_of(name: str, value: object) -> str | list[str]:
    if hasattr(value, "columns"):  # its names would be sent
        raise TypeError(f"The value of {name!r} is a table. Give one column of it.")
    is_one = isinstance(value, str | bytes | Mapping) or is_missing(value)
    if is_one or not isinstance(value, Iterable):
        return _text_of(name, value)
    values = [_text_of(name, each) for each in value]
    if not values:
        raise _no_value(name)
    return values


def _text_of(name: str, value: object) -> str:
    if is_missing(value):
        raise _no_value(name)
    if hasattr(value, "dtype") and hasattr(value, "item"):  # a scalar of NumPy
        value = str(value) if value.dtype.kind == "M" else value.item()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a column of whole numbers with a gap holds floats
    if isinstance(value, str | Number | UUID):
        return str(value)
    raise TypeError(
        f"The value of {name!r} must be text, a number or a date, not {type(value).__name__}"
    )


def _no_value(name: str) -> ValueError:
    return ValueError(f"{name} has no value; leave it out to ask for all.")


def is_missing(value: object) -> bool:
    """Return whether a value stands for none: None, a blank text, NaN, NaT, NA or masked."""
    if isinstance(value, str):
        return not any(each.isprintable() and not each.isspace() for each in value)
    if value is None or type(value).__name__ in {"NAType", "NaTType", "MaskedConstant"}:
        return True
    if hasattr(value, "dtype") and str(value) == "NaT":
        return True
    return isinstance(value, Number) and bool(value != value)  # noqa: PLR0124 - only NaN differs


def whole_number(value: object) -> int | None:
    """Return a whole number, NumPy's included, as int; None for anything else."""
    return None if isinstance(value, bool) or not isinstance(value, Integral) else int(value)
