"""A pandas data frame of rows, with a type for each column.

Imports pandas at the top, so it is itself imported late: pandas is heavy, and in an extra.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from myid_notebook.explore.view import Origin, columns_of

Values = list[Any]
Array = Any  # of pandas or of numpy; the classes have no common base

_DATE = re.compile(
    r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_YES_NO = {"Yes": True, "No": False}
_INT64 = range(-(2**63), 2**63)
_EXACT = 2**53
"""Up to here a float holds every whole number."""


def to_pandas(rows: Sequence[dict[str, Any]], origin: Origin) -> pd.DataFrame:
    """Return rows as a data frame; ``Rows.to_pandas`` has the rules."""
    columns = columns_of(rows)
    for name in origin.columns:
        columns.setdefault(name, [None] * len(rows))
    arrays = {number: _array(values) for number, values in enumerate(columns.values())}
    frame = pd.DataFrame(arrays, index=pd.RangeIndex(len(rows)), copy=False)
    try:
        frame.columns = pd.Index([*columns])
    except UnicodeEncodeError:  # as in _text
        frame.columns = pd.Index([*columns], dtype=object)
    frame.attrs.update(_attributes(origin))
    return frame


def _attributes(origin: Origin) -> dict[str, Any]:
    # Frame.to_parquet writes them into the file as JSON.
    attributes = {
        "path": origin.path,
        "params": json.loads(json.dumps(dict(origin.params), default=str)),
        "complete": origin.complete,
        "fetched_at": origin.read_until.astimezone(UTC).isoformat(timespec="seconds"),
    }
    attributes |= {name: text for name in ("reason", "kept") if (text := getattr(origin, name))}
    if origin.operator is not None and origin.show_rows > 0:
        attributes["operator"] = origin.operator
    return attributes


def _array(values: Values) -> Array:
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return _array_of_texts(values)
    if kinds == {bool}:
        return pd.array(values, dtype="boolean")
    if kinds == {int} and all(value is None or value in _INT64 for value in values):
        return pd.array(values, dtype="Int64")
    if kinds == {float} or (kinds == {int, float} and all(map(_fits_float, values))):
        # Not Float64: to plots and file formats NaN is a missing value, and pandas.NA often not.
        return np.array(values, dtype=float)
    if len(kinds) > 1 and kinds <= {str, bool, int, float}:
        return _text([None if value is None else str(value) for value in values])
    return pd.Series(values, dtype=object)


def _fits_float(value: float | None) -> bool:
    return value is None or type(value) is float or abs(value) <= _EXACT


def _array_of_texts(values: Values) -> Array:
    first = next(filter(None, values), "")
    if first in _YES_NO and {*values} <= {*_YES_NO, "", None}:
        return pd.array([_YES_NO.get(value) for value in values], dtype="boolean")
    dates = _dates(values) if _DATE.fullmatch(first) else None
    return _text(values) if dates is None else dates


def _dates(values: Values) -> Array | None:
    matches = [_DATE.fullmatch(value) for value in values if value]
    with_offset = {match is not None and match["offset"] is not None for match in matches}
    if None in matches or len(with_offset) > 1:
        return None
    try:
        if True in with_offset:
            values = [_in_utc(value) if value else None for value in values]
        # Not pandas.to_datetime: in pandas 2 no date after 2262 is in its bounds.
        return np.array(values, dtype="datetime64[us]")
    except (ValueError, OverflowError):  # there is no such day or hour
        return None


def _in_utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat()


def _text(values: Values) -> Array:
    # Neither object nor the str of pandas 3: "string" is the same in pandas 2.2 and 3, Parquet
    # takes it also where every value is missing, and comparisons with missing values select rows.
    try:
        return pd.array(values, dtype="string")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON may hold and Arrow may not
        return pd.Series(values, dtype=object)
