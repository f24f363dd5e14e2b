"""Tables of rows, for pandas, Polars and Arrow: one choice of types, and a builder for each.

The three libraries are heavy, and in extras, so each is imported when it is used.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from myid_notebook.errors import WithUsersLine
from myid_notebook.explore.columns import MAX_DEPTH, Column, NoSuchColumn, Records, columns_of
from myid_notebook.explore.view import Origin
from myid_notebook.front_end import say
from myid_notebook.untrusted_text import cut, one_line

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

Type = Literal["text", "date", "boolean", "integer", "number"]
Values = list[Any]

_DATES = {
    *("validfrom", "validuntil", "validity.from", "validity.to", "expirydate", "dateissued"),
    *("initiationdate", "vettingdate", "dateofbirth"),
}
"""MyID's names of dates, in lower case; a name may also end in one, after a dot."""

_BOOLEANS = {"enabled"}
"""The same of what is true or false, which MyID writes as Yes and No, as 1 and 0, or in JSON."""

_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
_INT64 = range(-(2**63), 2**63)
_EXACT = 2**53
"""Up to here a float holds every whole number."""

_MEMBERS = 100
"""Members of a record in a list, up to which Polars and Arrow get a column of records."""


class LibraryNotInstalled(WithUsersLine, ModuleNotFoundError):
    """A table was asked for without the library that makes it."""


class NotOfThatType(WithUsersLine, ValueError):
    """A column cannot have the type that the user wants."""


class Typed(NamedTuple):
    """A column: ``type`` is None where the values are neither of one type nor text."""

    name: str
    type: Type | None
    values: Values


def to_pandas(rows: Records, origin: Origin, types: Mapping[str, Type]) -> pd.DataFrame:
    """Return rows as a pandas data frame; ``Rows.to_pandas`` has the rules."""
    with _needed("to_pandas()", "pandas", "tables"):
        import pandas as pd  # noqa: PLC0415 - as the module says
    kinds = {
        # Neither object nor the str of pandas 3: "string" is the same in pandas 2.2 and 3, Parquet
        # takes it also where every value is missing, and comparisons with missing values select
        # rows.
        "text": "string",
        "date": "datetime64[us]",
        "boolean": "boolean",
        "integer": "Int64",
        # Not Float64: to plots and file formats NaN is a missing value, pandas.NA often not.
        "number": "float64",
        None: "object",
    }
    names, arrays = [], {}
    for number, (name, kind, values) in enumerate(typed_columns(rows, origin, types)):
        names.append(name)
        try:
            arrays[number] = pd.Series(values, dtype=kinds[kind])
        except UnicodeEncodeError:  # half of a surrogate pair, which JSON may hold and Arrow not
            arrays[number] = pd.Series(values, dtype=object)
    frame = pd.DataFrame(arrays, index=pd.RangeIndex(len(rows)), copy=False)
    try:
        frame.columns = pd.Index(names)
    except UnicodeEncodeError:  # the same
        frame.columns = pd.Index(names, dtype=object)
    frame.attrs.update(attributes(origin))  # Frame.to_parquet writes them into the file as JSON
    return frame


def to_polars(rows: Records, origin: Origin, types: Mapping[str, Type]) -> pl.DataFrame:
    """Return rows as a Polars data frame; ``Rows.to_polars`` has the rules."""
    with _needed("to_polars()", "polars", "polars"):
        import polars as pl  # noqa: PLC0415 - as the module says
    kinds: dict[Type | None, Any] = {
        "text": pl.String,
        "date": pl.Datetime("us"),
        "boolean": pl.Boolean,
        "integer": pl.Int64,
        "number": pl.Float64,
        None: None,
    }
    names: list[str] = []
    series: list[pl.Series] = []
    for name, kind, values in map(_for_arrow, typed_columns(rows, origin, types)):
        names.append(name)
        # A strict series would keep only those members that the first record in a list has.
        series.append(pl.Series(str(len(series)), values, kinds[kind], strict=False))
    frame = pl.DataFrame(series)
    frame.columns = names  # here, because an empty one is a name, too
    return frame


def to_arrow(rows: Records, origin: Origin, types: Mapping[str, Type]) -> pa.Table:
    """Return rows as an Arrow table; ``Rows.to_arrow`` has the rules."""
    with _needed("to_arrow()", "pyarrow", "arrow"):
        import pyarrow as pa  # noqa: PLC0415 - as the module says
    kinds: dict[Type | None, Any] = {
        "text": pa.string(),
        "date": pa.timestamp("us"),
        "boolean": pa.bool_(),
        "integer": pa.int64(),
        "number": pa.float64(),
        None: None,
    }
    names, arrays = [], []
    for name, kind, values in map(_for_arrow, typed_columns(rows, origin, types)):
        names.append(name)
        arrays.append(pa.array(values, kinds[kind]))
    metadata = {"myid": json.dumps(attributes(origin))}
    return pa.Table.from_arrays(arrays, names=names, metadata=metadata)


@contextmanager
def _needed(call: str, library: str, extra: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise LibraryNotInstalled(
            f"{call} needs {library}. Install it where this kernel runs: %pip install {library}  "
            f'(from a clone: pip install ".[{extra}]")',
            name=library,
        ) from None


def attributes(origin: Origin) -> dict[str, Any]:
    """Return where rows come from, in JSON's types."""
    found = {
        "path": origin.path,
        "params": json.loads(json.dumps(dict(origin.params), default=str)),
        "complete": origin.complete,
        "fetched_at": origin.read_until.astimezone(UTC).isoformat(timespec="seconds"),
    }
    found |= {name: text for name in ("reason", "kept") if (text := getattr(origin, name))}
    if origin.operator is not None and origin.show_rows > 0:
        found["operator"] = origin.operator
    return found


def typed_columns(rows: Records, origin: Origin, types: Mapping[str, Type]) -> Iterator[Typed]:
    """Yield the columns of rows, each with its type, one after the other to save memory.

    Raises:
        KeyError: ``types`` has a column that is not there.
        ValueError: ``types`` names no such type, or a column has a value of another one.
    """
    for name, kind in types.items():
        if kind not in _CONVERT:
            known = ", ".join(_CONVERT)
            raise NotOfThatType(f"{name!r} cannot be {kind!r}: the types are {known}.")
    left = dict.fromkeys([*origin.columns, *([] if rows else types)])
    seen = []
    for column in columns_of(rows):
        left.pop(column.name, None)
        seen.append(column.name)
        yield _typed(column, len(rows), types)
    for name in left:
        yield _typed(Column(name, (), []), len(rows), types)
    for name in types:
        if name not in (names := {*seen, *left}):
            raise NoSuchColumn(name, names)


def _typed(column: Column, count: int, types: Mapping[str, Type]) -> Typed:
    name, values = column.name, column.first(count)
    if name in types:
        converted, why_not = _converted(types[name], values)
        if why_not:
            raise NotOfThatType(f"{name!r} cannot be {types[name]!r}: {why_not}.")
        return Typed(name, types[name], converted)
    promised = _promised(name)
    if promised:
        converted, why_not = _converted(promised, values)
        if not why_not:
            return Typed(name, promised, converted)
    typed = Typed(name, *_inferred(values))
    if promised:
        kept = "has values of several types" if typed.type is None else f"is {typed.type}"
        say(f"{cut(one_line(str(name)))} {kept}, not {promised}: {why_not}.")
    return typed


def _promised(name: object) -> Type | None:
    """Return the type that a name of MyID's has whatever rows came, also as a member or carried."""
    parts = str(name).removeprefix("@").casefold().split(".")
    if parts[-1] in _BOOLEANS:
        return "boolean"
    return "date" if {parts[-1], ".".join(parts[-2:])} & _DATES else None


def _inferred(values: Values) -> tuple[Type | None, Values]:
    kinds = set(map(type, values)) - {NoneType}
    kind: Type | None = None
    if kinds == {str}:
        return _inferred_of_texts(values)
    if kinds == {bool}:
        kind = "boolean"
    elif kinds == {int} and all(value is None or value in _INT64 for value in values):
        kind = "integer"
    elif kinds and kinds <= {int, float} and all(map(_fits_float, values)):
        kind, values = "number", [None if value is None else float(value) for value in values]
    elif kinds <= {str, bool, int, float}:
        kind, values = "text", [None if value is None else str(value) for value in values]
    return kind, values


def _inferred_of_texts(values: Values) -> tuple[Type, Values]:
    # What looks like a date may be a serial number, also 2026-W11-1T12, which is a week of ISO
    # 8601; hours and minutes do not come by chance.
    if any(values) and all(value[7:14:3] == "-T:" for value in values if value):
        dates, why_not = _converted("date", values)
        if not why_not:
            return "date", dates
    return "text", values


def _fits_float(value: float | None) -> bool:
    return value is None or type(value) is float or abs(value) <= _EXACT


def _converted(kind: Type, values: Values) -> tuple[Values, str]:
    """Return values of a type, and why that is impossible; empty if it is not."""
    convert, missing = _CONVERT[kind], (None,) if kind == "text" else (None, "")

    def is_other(value: object) -> bool:
        try:
            _ = value in missing or convert(value)
        except _NOT_OF_A_TYPE:
            return True
        return False

    try:
        found = [None if value in missing else convert(value) for value in values]
    except _NOT_OF_A_TYPE:
        others = [row for row, value in enumerate(values) if is_other(value)]
        count = f"{len(others):,} of {len(values):,} rows"
        return [], f"another value in {count}, first in row {others[0]:,}"
    if kind == "date":
        zones = {moment.tzinfo for moment in found if moment is not None}
        if len(zones) > 1:
            return [], "some times have an offset from UTC, and some have none"
        if UTC in zones:
            found = [moment and moment.replace(tzinfo=None) for moment in found]
    return found, ""


_NOT_OF_A_TYPE = (ValueError, TypeError, KeyError, OverflowError)


def _date(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC) if moment.tzinfo else moment


def _integer(value: str | float) -> int:
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        raise ValueError(value)
    number = int(value)
    if number not in _INT64 or (isinstance(value, float) and number != value):
        raise ValueError(value)
    return number


def _number(value: str | float) -> float:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError(value)
    exact = int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else value
    if isinstance(exact, int) and not _fits_float(exact):
        raise ValueError(value)
    return float(value)


def _text(value: object) -> str:
    if isinstance(value, str | bool | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


_CONVERT: dict[Type, Callable[[Any], Any]] = {
    "text": _text,
    "date": _date,
    "boolean": lambda value: _TRUTH[str(value).casefold()],
    "integer": _integer,
    "number": _number,
}
"""From a value to one of a type; what is of another type raises."""


def _for_arrow(column: Typed) -> Typed:
    """Return a column as Arrow and Polars take it: lists that are not alike as JSON text."""
    name, kind, values = column
    if kind is None and not _is_alike(values, MAX_DEPTH):
        kind, values = "text", [None if value is None else _text(value) for value in values]
    if kind == "number":  # as in pandas, where NaN is a missing value
        values = [None if value is None or math.isnan(value) else value for value in values]
    if kind == "text" and not _is_unicode(values):
        values = [value and _escaped(value) for value in values]
    return Typed(_escaped(str(name)), kind, values)


def _is_alike(values: Values, depth: int) -> bool:
    """Return whether values, and what is in them, have one type that loses nothing."""
    there = [value for value in values if value is not None]
    kinds = set(map(type, there))
    if kinds == {list}:
        return depth > 0 and _is_alike([*chain.from_iterable(there)], depth - 1)
    if kinds == {dict}:
        names = dict.fromkeys(chain.from_iterable(there))
        return (
            depth > 0
            and len(names) <= _MEMBERS
            and set(map(type, names)) == {str}
            and _is_unicode([*names])
            and all(_is_alike([each.get(name) for each in there], depth - 1) for name in names)
        )
    if kinds <= {str}:
        return _is_unicode(there)
    return _inferred(there)[0] not in {None, "text"}


def _is_unicode(texts: Values) -> bool:
    # JSON may hold half of a surrogate pair, and Arrow may not.
    try:
        "".join(filter(None, texts)).encode()
    except UnicodeEncodeError:
        return False
    return True


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
