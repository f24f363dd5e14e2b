"""From records to columns: nested members flattened with dots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

MAX_DEPTH = 32
"""Levels that are flattened; what is nested deeper stays one value."""


def columns_of(records: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return the values of records by column, each as long as the records.

    Columns are in first-seen order, and the members of a nested record stand together in the
    place of it: ``name.first``, ``name.last``. A name that would occur twice gets a number
    (``name.first_2``). A value is None where the record has no such member. Lists are values,
    except that ``links``, MyID's list of possible next calls, is left out.

    Args:
        records: of any depth; may contain themselves.
    """
    columns: dict[str, list[Any]] = {}
    names = _names(records)
    taken = set(names)
    around = frozenset(map(id, records))
    for name in names:
        values = [record.get(name) for record in records]
        kinds = set(map(type, values))
        if dict in kinds:
            _flatten(name, values, around, columns, taken)
        elif name != "links" or not kinds <= {list, type(None)}:
            columns[name] = values
    return columns


def _names(records: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(records)))


def _flatten(
    name: str,
    values: list[Any],
    around: frozenset[int],
    columns: dict[str, list[Any]],
    taken: set[str],
    depth: int = 1,
) -> None:
    # around: the ids of the records that these values are in. A record inside itself is a value.
    records = [value if type(value) is dict else {} for value in values]
    inside = {id(value) for value in values if type(value) is dict}
    if depth > MAX_DEPTH or not inside.isdisjoint(around):
        columns[name] = values
        return
    rest = [None if type(value) is dict else value for value in values]
    if rest.count(None) < len(rest):  # other values than records, which keep the name
        columns[name] = rest
    around |= inside
    for member in _names(records):
        full = _free(f"{name}.{member}", taken)
        taken.add(full)
        below = [record.get(member) for record in records]
        if dict in set(map(type, below)):
            _flatten(full, below, around, columns, taken, depth + 1)
        else:
            columns[full] = below


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
