"""What a search or fetch returns."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Self, SupportsIndex, overload

from myid_notebook.errors import WithUsersLine, closest
from myid_notebook.explore.columns import NoSuchColumn, columns_of
from myid_notebook.explore.view import MAX_CELL, Origin, as_html, as_text
from myid_notebook.session.session import BearerSession

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from myid_notebook.explore.tables import Type

Record = dict[str, Any]


class NotAnIndex(WithUsersLine, TypeError):
    """What stands between brackets is neither a number, a slice nor the name of a column."""


class NotOfRows(WithUsersLine, AttributeError):
    """Rows, which are a list, do not have what tables have."""


_WAYS = {
    "head": "rows[:5] has the first five.",
    "tail": "rows[-5:] has the last five.",
    "shape": "It is (len(rows), len(rows.columns)).",
}
"""What has another name in tables."""


class Rows(list[Record]):
    """What a search or fetch returned: a list of dicts, in MyID's order.

    It is a list, so ``json`` and ``csv`` take it as it is. A slice, a copy and a sum are ``Rows``
    again. Joined ``Rows`` have path and params of the first, and are as complete as the less
    complete of both; rows of a plain list change nothing. A notebook shows a table of the first
    rows, without ``id``, ``href`` and ``links``.

    ``rows[3]`` is a row, and ``rows["name.last"]`` a column: a list with a value for each row, None
    where it has none. It takes the names of ``to_pandas``, and those of members that are records.
    Where there are no rows, a column of any name is an empty list.

    Args:
        rows: dicts of any JSON values.
        origin: where they come from; that of the rows, if these are ``Rows``.

    Attributes:
        origin: as given.

    Raises:
        TypeError: a row is not a dict.
        KeyError: between brackets is the name of no column.

    Examples:
        >>> from datetime import UTC, datetime
        >>> people = Rows(
        ...     [
        ...         {"id": "9A2F", "logonName": "jsmith", "name": {"last": "Smith"}},
        ...         {"id": "77C0", "logonName": "ksmall", "name": {"last": "Small"}},
        ...     ],
        ...     Origin(
        ...         path="people",
        ...         params={"name.last": "Sm*"},
        ...         complete=True,
        ...         operator="Jane Doe",
        ...         read_until=datetime(2026, 11, 24, 14, 2, tzinfo=UTC),
        ...     ),
        ... )
        >>> people
        people · name.last=Sm* · 2 rows · as Jane Doe, 24 Nov 2026 14:02 UTC
        logonName  name.last
        jsmith     Smith
        ksmall     Small
        >>> people[0]["logonName"]
        'jsmith'
        >>> people["name.last"]
        ['Smith', 'Small']
        >>> people[:1]
        people · name.last=Sm* · 1 row, more exist · as Jane Doe, 24 Nov 2026 14:02 UTC
        logonName  name.last
        jsmith     Smith
    """

    max_cell: ClassVar[int] = MAX_CELL
    """Characters of a cell in a notebook."""

    def __init__(self, rows: Iterable[Record] = (), origin: Origin | None = None) -> None:
        super().__init__(rows)
        for row in self:
            if not isinstance(row, dict):
                raise TypeError(f"Each row must be a dict, not {type(row).__name__}.")
        self.origin: Origin = origin or (rows.origin if isinstance(rows, Rows) else Origin())

    @property
    def path(self) -> str:
        """What was asked for, relative to the API, such as ``"people"``."""
        return self.origin.path

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the search."""
        return dict(self.origin.params)

    @property
    def complete(self) -> bool | None:
        """True if these are all rows that MyID has, False if there are more, None if unknown."""
        return self.origin.complete

    @property
    def operator(self) -> str | None:
        """The name of the person who was signed in; None if unknown or if several were.

        MyID returns what that person's role may see.
        """
        return self.origin.operator

    @property
    def fetched_at(self) -> datetime:
        """When MyID sent the last row, an aware ``datetime`` in UTC."""
        return self.origin.read_until.astimezone(UTC)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that ``to_pandas()`` makes."""
        found = [column.name for column in columns_of(self)]
        return (*dict.fromkeys([*found, *self.origin.columns]),)

    @property
    def show_rows(self) -> int:
        """How many rows to show; may be changed.

        With 0, only the names of columns and parameters are shown, and no data of any person, so
        that you can share the notebook.
        """
        return self.origin.show_rows

    @show_rows.setter
    def show_rows(self, number: int) -> None:
        self.origin = replace(self.origin, show_rows=number)

    def to_pandas(self, *, types: Mapping[str, Type] | None = None) -> pd.DataFrame:
        """Return the rows as a pandas data frame, with a type for each column.

        Nested members get a column each (``name.first``); ``links`` is left out. The names of the
        columns are MyID's own.

        | type        | the columns                                 | in pandas                   |
        |-------------|---------------------------------------------|-----------------------------|
        | ``date``    | MyID's dates; every value is a date and time| ``datetime64[us]``, no zone |
        | ``boolean`` | ``enabled``; every value is true or false   | ``boolean``                 |
        | ``integer`` | every value is a whole number               | ``Int64``                   |
        | ``number``  | every value is a number                     | ``float64``                 |
        | ``text``    | texts, or several of these types            | ``string``                  |
        |             | anything else, such as lists                | ``object``                  |

        Names that MyID gives a meaning have one type, even where no row has a value: ``enabled`` is
        boolean (Yes and No, or 1 and 0), and ``validFrom``, ``validUntil``, ``validity.from``,
        ``validity.to``, ``expiryDate``, ``dateIssued``, ``initiationDate``, ``vettingDate`` and
        ``dateOfBirth`` are dates, in upper and lower case. If such a column has another value, it
        gets the type of its values, and a line says so.

        A text is never made a number, so ids keep their zeros. Under other names, a date without a
        time stays text, for it may be a serial number. Members that a row does not have, and nulls,
        are missing values; an empty text is one among dates and Yes or No. Times with an offset are
        converted to UTC; a column of some with and some without stays text. Fractions of a second
        are cut to microseconds. Whole numbers of more than 64 bits make their column text.

        ``attrs`` of the frame has path, params, complete, operator and fetched_at (as ISO text),
        ``reason`` if there is one for ``complete``, and ``kept`` if rows were read before. Parquet
        files keep them. With ``show_rows`` 0 it leaves out the operator.

        Args:
            types: column to type, where another one is wanted: ``{"employeeId": "integer"}``.
                Texts are converted. If there are no rows, these columns are made, too.

        Raises:
            KeyError: ``types`` has a column that no row has.
            ValueError: ``types`` names no such type, or a column has a value of another one.
            ModuleNotFoundError: pandas is not installed; a ``LibraryNotInstalled``.

        Examples:
            >>> devices = Rows(
            ...     [
            ...         {"sn": "0017", "validity": {"to": "2026-11-24T23:59:59"}, "enabled": "Yes"},
            ...         {"sn": "0018", "validity": {"to": "9999-12-31"}, "enabled": ""},
            ...     ]
            ... )
            >>> table = devices.to_pandas()
            >>> table
                 sn         validity.to  enabled
            0  0017 2026-11-24 23:59:59     True
            1  0018 9999-12-31 00:00:00     <NA>
            >>> [str(kind) for kind in table.dtypes]
            ['string', 'datetime64[us]', 'boolean']
            >>> devices.to_pandas(types={"sn": "integer"})["sn"].to_list()
            [17, 18]
        """
        from myid_notebook.explore.tables import to_pandas  # noqa: PLC0415 - used late, if at all

        return to_pandas(self, self.origin, types or {})

    def to_polars(self, *, types: Mapping[str, Type] | None = None) -> pl.DataFrame:
        """Return the rows as a Polars data frame, with the types of ``to_pandas``.

        They are ``String``, ``Datetime("us")``, ``Boolean``, ``Int64`` and ``Float64``. A list has
        a ``List`` type, if its values are alike in all rows; else it is JSON in a text.

        A frame has no place for what ``attrs`` has in pandas.

        Args:
            types: as for ``to_pandas``.

        Raises:
            KeyError: as for ``to_pandas``.
            ValueError: as for ``to_pandas``.
            ModuleNotFoundError: Polars is not installed; a ``LibraryNotInstalled``.
        """
        from myid_notebook.explore.tables import to_polars  # noqa: PLC0415 - the same

        return to_polars(self, self.origin, types or {})

    def to_arrow(self, *, types: Mapping[str, Type] | None = None) -> pa.Table:
        """Return the rows as an Arrow table, with the types of ``to_polars``.

        The metadata of its schema has under ``myid``, as JSON, what ``attrs`` has in pandas.

        Args:
            types: as for ``to_pandas``.

        Raises:
            KeyError: as for ``to_pandas``.
            ValueError: as for ``to_pandas``.
            ModuleNotFoundError: pyarrow is not installed; a ``LibraryNotInstalled``.
        """
        from myid_notebook.explore.tables import to_arrow  # noqa: PLC0415 - the same

        return to_arrow(self, self.origin, types or {})

    def copy(self) -> Self:
        """Return a copy; the dicts in it are the same objects."""
        return self._like(self)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Record: ...
    @overload
    def __getitem__(self, index: slice, /) -> Self: ...
    @overload
    def __getitem__(self, index: str, /) -> list[Any]: ...
    def __getitem__(self, index: SupportsIndex | slice | str, /) -> Record | Self | list[Any]:
        if isinstance(index, str):
            return self._column(index)
        if isinstance(index, slice):
            return self._like(super().__getitem__(index))
        row: Record = super().__getitem__(_index(index))
        return row

    def _column(self, name: str) -> list[Any]:
        if any(name in row for row in self):
            return [row.get(name) for row in self]
        for column in columns_of(self):
            if column.name == name:
                return column.first(len(self))
        if self and name not in self.origin.columns:
            raise NoSuchColumn(name, self.columns)
        return [None] * len(self)

    def _ipython_key_completions_(self) -> list[str]:
        return [*self.columns]

    if not TYPE_CHECKING:  # it would believe that there is any name

        def __getattr__(self, name: str) -> None:
            way = "to_pandas(), to_polars() and to_arrow() make a table that may have it."
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            if meant := closest(name, dir(type(self)), 0.8):
                way = f"Did you mean {meant!r}?"
            if any(name in row for row in islice(self, 1)):
                way = f"The column is rows[{name!r}]."
            raise NotOfRows(f"Rows are a list and have no {name!r}. {_WAYS.get(name, way)}")

    @overload
    def __setitem__(self, index: SupportsIndex, row: Record, /) -> None: ...
    @overload
    def __setitem__(self, index: slice, rows: Iterable[Record], /) -> None: ...
    def __setitem__(self, index: Any, value: Any, /) -> None:
        before = len(self)
        super().__setitem__(_index(index), value)
        self._follow(before, value)

    def __delitem__(self, index: SupportsIndex | slice, /) -> None:
        before = len(self)
        super().__delitem__(_index(index))
        self._follow(before)

    def pop(self, index: SupportsIndex = -1, /) -> Record:
        """Remove a row, the last one if no index is given, and return it."""
        row = super().pop(index)
        self._follow(len(self) + 1)
        return row

    def remove(self, row: Record, /) -> None:
        """Remove the first row that is equal."""
        super().remove(row)
        self._follow(len(self) + 1)

    def clear(self) -> None:
        """Remove all rows."""
        del self[:]

    def extend(self, rows: Iterable[Record], /) -> None:
        """Add rows at the end."""
        super().extend(rows)
        self._follow(0, rows)

    def __iadd__(self, rows: Iterable[Record], /) -> Self:  # type: ignore[misc,override] # as __add__
        self.extend(rows)
        return self

    def __imul__(self, number: SupportsIndex, /) -> Self:
        before = len(self)
        super().__imul__(number)
        self._follow(before)
        return self

    def __add__(self, other: list[Any], /) -> Self:  # type: ignore[override] # list's own is overloaded; rows are dicts
        summed = self._like(super().__add__(other))
        summed._follow(0, other)
        return summed

    def __radd__(self, other: list[Any], /) -> Self:
        # For sum(parts, []), which begins with a list.
        return self._like(list.__add__(other, self)) if isinstance(other, list) else NotImplemented

    def _follow(self, before: int, other: object = ()) -> None:
        """Say what became of ``complete`` when rows went, or others came."""
        if len(self) < before:
            self.origin = replace(self.origin, complete=False)
        if isinstance(other, Rows):
            self.origin = self.origin.with_that_of(other.origin)

    def _like(self, rows: list[Record]) -> Self:
        complete = False if len(rows) < len(self) else self.complete
        return type(self)(rows, replace(self.origin, complete=complete))

    def __repr__(self) -> str:
        return as_text(self, self.origin)

    def _repr_html_(self) -> str:
        return as_html(self, self.origin, self.max_cell)


def _index(index: SupportsIndex | slice) -> Any:  # noqa: ANN401 - a number or a slice
    if isinstance(index, slice):
        return index
    # people["groupName"] == "HR" is False, which a list takes for 0.
    if not type(index).__name__.startswith("bool"):  # nor is NumPy's an index; it was one once
        with suppress(TypeError):
            return operator.index(index)
    raise NotAnIndex(
        "Rows take a number, a slice or the name of a column between brackets, not "
        f"{type(index).__name__}. To filter, use .to_pandas()."
    )


def _let_ipython_look_into_rows() -> None:
    """Let Tab complete behind ``people[0][``: IPython evaluates that only for types it knows."""
    if "IPython" in sys.modules:
        with suppress(Exception):  # Tab is a convenience, and these names are IPython's own
            from IPython.core import guarded_eval  # noqa: PLC0415 - IPython loads it late, too

            policy: Any = guarded_eval.EVALUATION_POLICIES["limited"]
            policy.allowed_getitem.add(Rows)
            policy.allowed_getattr.add(Rows)


def rows_of(  # noqa: PLR0913 - the members of an origin, by name
    session: BearerSession,
    rows: list[Record],
    path: str,
    params: Mapping[str, Any],
    *,
    complete: bool | None,
    read_from: datetime,
    operator: str | None,
    reason: str = "",
    kept: str = "",
    columns: tuple[str, ...] = (),
) -> Rows:
    """Return rows with where they come from, and how many of them to show."""
    origin = Origin(
        path=path,
        params=params,
        complete=complete,
        reason=reason,
        kept=kept,
        operator=operator,
        read_from=read_from,
        show_rows=session.show_rows,
        columns=columns,
    )
    _let_ipython_look_into_rows()
    return Rows(rows, origin)
