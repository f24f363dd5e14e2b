"""What a search or fetch returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, SupportsIndex, overload

from myid_notebook.errors import WithUsersLine
from myid_notebook.explore.view import MAX_CELL, as_html, as_text

if TYPE_CHECKING:
    import pandas as pd

Record = dict[str, Any]


class PandasNotInstalled(WithUsersLine, ModuleNotFoundError):
    """``Rows.to_pandas`` was called without pandas."""


class Rows(list[Record]):
    """What a search or fetch returned: a list of dicts, in MyID's order.

    It is a list, so ``json``, ``csv``, pandas and Polars take it as it is. A slice, a copy and a
    sum are ``Rows`` again. A notebook shows a table of the first rows, without ``id``, ``href``
    and ``links``.

    Args:
        rows: dicts of any JSON values.
        path: what was asked for, relative to the API.
        params: the parameters of the search.
        complete: whether these are all rows; see below.
        operator: the name of the person who was signed in.
        fetched_at: aware; now if left out.
        show_rows: how many rows to show.
        columns: names of columns that ``to_pandas()`` makes even if no row has them.

    Attributes:
        path: what was asked for, relative to the API, such as ``"people"``.
        params: the parameters of the search, a dict.
        complete: True if these are all rows that MyID has, False if there are more, None if MyID
            did not say.
        operator: the name of the person who was signed in, because MyID returns what that
            person's role may see; None if unknown.
        fetched_at: when MyID responded, an aware ``datetime`` in UTC.
        show_rows: how many rows to show. With 0, only the names of columns and parameters are
            shown, and no data of any person, so that you can share the notebook.
        columns: as given.

    Raises:
        TypeError: a row is not a dict.

    Examples:
        >>> from datetime import UTC, datetime
        >>> people = Rows(
        ...     [
        ...         {"id": "9A2F", "logonName": "jsmith", "name": {"last": "Smith"}},
        ...         {"id": "77C0", "logonName": "ksmall", "name": {"last": "Small"}},
        ...     ],
        ...     path="people",
        ...     params={"name.last": "Sm*"},
        ...     operator="Jane Doe",
        ...     fetched_at=datetime(2026, 11, 24, 14, 2, tzinfo=UTC),
        ... )
        >>> people
        people · name.last=Sm* · 2 rows · as Jane Doe, 24 Nov 2026 14:02 UTC
        logonName  name.last
        jsmith     Smith
        ksmall     Small
        >>> people[0]["logonName"]
        'jsmith'
        >>> people[:1]
        people · name.last=Sm* · 1 row, more exist · as Jane Doe, 24 Nov 2026 14:02 UTC
        logonName  name.last
        jsmith     Smith
    """

    max_cell: ClassVar[int] = MAX_CELL
    """Characters of a cell in a notebook."""

    def __init__(
        self,
        rows: Iterable[Record] = (),
        *,
        path: str = "",
        params: Mapping[str, Any] | None = None,
        complete: bool | None = True,
        operator: str | None = None,
        fetched_at: datetime | None = None,
        show_rows: int = 10,
        columns: Sequence[str] = (),
    ) -> None:
        super().__init__(rows)
        for row in self:
            if not isinstance(row, dict):
                raise TypeError(f"Each row must be a dict, not {type(row).__name__}.")
        self.path = path
        self.params = dict(params or {})
        self.complete = complete
        self.operator = operator
        self.fetched_at = (fetched_at or datetime.now(UTC)).astimezone(UTC)
        self.show_rows = show_rows
        self.columns = tuple(columns)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas data frame, with a type for each column.

        Nested members get a column each (``name.first``); ``links`` is left out. The names of the
        columns are MyID's own.

        | where every value of a column is               | the column is                       |
        |------------------------------------------------|-------------------------------------|
        | an ISO date, or date and time                  | ``datetime64[us]``, without zone    |
        | ``"Yes"`` or ``"No"``, or a JSON true or false | ``boolean``                         |
        | a whole number                                 | ``Int64``                           |
        | a number                                       | ``float64``                         |
        | a text, or one of several of these             | ``string``                          |
        | anything else, such as a list                  | ``object``                          |

        A text is never made a number, so ids keep their zeros. Members that a row does not have,
        and nulls, are missing values; an empty text is one among dates and Yes or No only. Times
        with an offset are converted to UTC; a column of some with and some without stays text, and
        so does a column with a value that is not a date. Fractions of a second are cut to
        microseconds.

        ``attrs`` of the frame has path, params, complete, operator and fetched_at (as ISO text),
        and Parquet files keep them. With ``show_rows`` 0 it leaves out the operator.

        Raises:
            ModuleNotFoundError: pandas is not installed; a ``PandasNotInstalled``.

        Examples:
            >>> devices = Rows(
            ...     [
            ...         {"sn": "0017", "validity": {"to": "2026-11-24T23:59:59"}, "enabled": "Yes"},
            ...         {"sn": "0018", "validity": {"to": "9999-12-31T00:00:00"}, "enabled": ""},
            ...     ]
            ... )
            >>> table = devices.to_pandas()
            >>> table
                 sn         validity.to  enabled
            0  0017 2026-11-24 23:59:59     True
            1  0018 9999-12-31 00:00:00     <NA>
            >>> [str(kind) for kind in table.dtypes]
            ['string', 'datetime64[us]', 'boolean']
        """
        try:
            from myid_notebook.explore.to_pandas import to_pandas  # noqa: PLC0415 - it loads pandas
        except ModuleNotFoundError as error:
            if error.name not in {"pandas", "numpy"}:
                raise
            raise PandasNotInstalled(
                "to_pandas() needs pandas. Install it where this kernel runs: "
                '%pip install pandas  (from a clone: pip install ".[tables]")',
                name="pandas",
            ) from None
        return to_pandas(self)

    def copy(self) -> Self:
        """Return a copy; the dicts in it are the same objects."""
        return self._like(self)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Record: ...
    @overload
    def __getitem__(self, index: slice, /) -> Self: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> Record | Self:
        if isinstance(index, slice):
            return self._like(super().__getitem__(index))
        return super().__getitem__(index)

    def __add__(self, other: list[Any], /) -> Self:  # type: ignore[override] # list's own is overloaded; rows are dicts
        summed = self._like(super().__add__(other))
        if isinstance(other, Rows) and self.complete is not False and other.complete is not True:
            summed.complete = other.complete
        return summed

    def __mul__(self, times: SupportsIndex, /) -> Self:
        return self._like(super().__mul__(times))

    __rmul__ = __mul__

    def _like(self, rows: list[Record]) -> Self:
        complete = False if len(rows) < len(self) else self.complete
        return type(self)(
            rows,
            path=self.path,
            params=self.params,
            complete=complete,
            operator=self.operator,
            fetched_at=self.fetched_at,
            show_rows=self.show_rows,
            columns=self.columns,
        )

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
