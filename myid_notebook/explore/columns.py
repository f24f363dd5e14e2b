"""The columns of rows: a name for each member, also of nested records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from types import NoneType
from typing import Any, NamedTuple

from myid_notebook.errors import WithUsersLine, closest

MAX_DEPTH = 32
"""Levels that are flattened; what is nested deeper stays one value."""

_MAX_PREFIX = 1_000
"""Characters of a name whose record is flattened; each of its members repeats them."""

_DENSE = 4
"""Up to so many places for each value, a list with a place for each row costs least."""

_COMPARED = 1_000
"""Names that are compared with one that is no column."""

Records = Sequence[dict[str, Any]]


class NoSuchColumn(WithUsersLine, KeyError):
    """A name is that of no column."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        meant = closest(name, [str(each) for each in islice(known, _COMPARED)])
        super().__init__(f"No row has {name!r}." + (f" Did you mean {meant!r}?" if meant else ""))

    def __str__(self) -> str:
        return str(self.args[0])  # not its repr, as other KeyErrors have it


class Column(NamedTuple):
    """The values of a column, and the numbers of the rows that have them, in order."""

    name: str
    rows: Sequence[int]
    held: list[Any]

    def first(self, count: int) -> list[Any]:
        """Return the values of the first rows, None where a row has none."""
        if isinstance(self.rows, range):  # all of them
            return self.held if count == len(self.held) else self.held[:count]
        values = [None] * count
        for row, value in zip(self.rows, self.held, strict=True):
            if row >= count:
                break
            values[row] = value
        return values


def columns_of(records: Records) -> Iterator[Column]:
    """Yield the columns of records, in first-seen order.

    The members of a nested record stand together in the place of it: ``name.first``,
    ``name.last``. A name that would occur twice gets a number (``name.first_2``). Lists are values,
    except that ``links``, MyID's list of possible next calls, is left out.

    What it takes grows with the number of values, not with that of rows times columns.
    """
    taken = dict.fromkeys(chain.from_iterable(records), 1)
    yield from _flattened("", range(len(records)), records, taken, 0)


def _flattened(
    prefix: str, rows: Sequence[int], records: Records, taken: dict[str, int], depth: int
) -> Iterator[Column]:
    names = [*(dict.fromkeys(chain.from_iterable(records)) if depth else taken)]
    for column in _members(names, rows, records):
        kinds = set(map(type, column.held))
        if depth:
            column = column._replace(name=_free(f"{prefix}.{column.name}", taken))  # noqa: PLW2901 - the same column
        elif column.name == "links" and kinds <= {list, NoneType}:
            continue
        if dict not in kinds or depth == MAX_DEPTH or len(str(column.name)) > _MAX_PREFIX:
            yield column
            continue
        if kinds == {dict}:
            nested = column
        else:
            nested, others = _split(column)
            if kinds != {dict, NoneType}:
                yield others  # which keep the name
        yield from _flattened(column.name, nested.rows, nested.held, taken, depth + 1)


def _members(names: list[str], rows: Sequence[int], records: Records) -> Iterator[Column]:
    if len(names) * len(records) <= _DENSE * sum(map(len, records)):
        for name in names:
            yield Column(name, rows, [record.get(name) for record in records])
        return
    columns = {name: Column(name, [], []) for name in names}
    for row, record in zip(rows, records, strict=True):
        for name, value in record.items():
            columns[name].rows.append(row)  # type: ignore[attr-defined] # a list, just above
            columns[name].held.append(value)
    yield from columns.values()


def _split(column: Column) -> tuple[Column, Column]:
    parts = Column(column.name, [], []), Column(column.name, [], [])
    for row, value in zip(column.rows, column.held, strict=True):
        part = parts[type(value) is not dict]
        part.rows.append(row)  # type: ignore[attr-defined] # the same
        part.held.append(value)
    return parts


def _free(name: str, taken: dict[str, int]) -> str:
    free = name
    while free in taken:
        taken[name] += 1
        free = f"{name}_{taken[name]}"
    taken[free] = 1
    return free
