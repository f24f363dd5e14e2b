"""Rows are a list of dicts that knows where it comes from."""

import copy
import doctest
import json
import pickle
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from myid_notebook.explore import rows as module
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.view import Origin


def origin(rows: Rows) -> Origin:
    """Return where rows come from, apart from whether they are all."""
    assert type(rows) is Rows
    return replace(rows.origin, complete=None)


def with_complete(rows: Rows, complete: bool | None) -> Rows:  # noqa: FBT001 - one of three
    """Return the same rows, which may be all."""
    return Rows(rows, replace(rows.origin, complete=complete))


def test_examples() -> None:
    """The examples of the docstrings do what they show."""
    result = doctest.testmod(module)

    assert 0 == result.failed
    assert 9 <= result.attempted


def test_row_that_is_no_dict() -> None:
    """The error comes where the row goes in, not where it is shown."""
    with pytest.raises(TypeError, match=r"^Each row must be a dict, not str\.$"):
        Rows([{}, "people"])  # type: ignore[list-item]  # that is the test


def test_fetched_at_is_utc() -> None:
    """Whatever the zone it is given in."""
    moment = datetime(2026, 11, 24, 15, 2, tzinfo=timezone(timedelta(hours=1)))

    assert "2026-11-24T14:02:00+00:00" == Rows([], Origin(read_until=moment)).fetched_at.isoformat()


def test_params_are_its_own(people: Rows) -> None:
    """A search that reuses its dict of parameters does not change earlier rows."""
    given = {"name.last": "Sm*"}
    rows = Rows([], Origin(params=given))
    given["name.last"] = "Jo*"
    people[:1].params["q"] = "x"

    assert {"name.last": "Sm*"} == rows.params == people.params


@pytest.mark.parametrize("complete", [True, False, None])
def test_slice(people: Rows, complete: bool | None) -> None:  # noqa: FBT001 - pytest's parameter
    """A shorter one is not complete; all of them, in any order, are as complete as they were."""
    people = with_complete(people, complete)
    people.show_rows = 3

    assert [row["cards"] for row in people[1:3]] == [1, 2]
    assert [False, complete, complete] == [
        part.complete for part in (people[1:3], people[:], people[::-1])
    ]
    assert origin(people[1:3]) == origin(people[::-1]) == origin(people)


def test_copy(people: Rows) -> None:
    """Each way of copying keeps all; a deep copy has records of its own."""
    copies = [people.copy(), copy.copy(people), copy.deepcopy(people)]
    copies.append(pickle.loads(pickle.dumps(people)))  # noqa: S301 - our own bytes

    for each in copies:
        assert each == people
        assert each is not people
        assert origin(each) == origin(people)
        assert each.complete is False
    assert [True, True, False, False] == [each[0] is people[0] for each in copies]


def joined(left: Rows, right: Rows) -> list[Rows]:
    """Return the rows of both, joined in each way that a list has."""
    ways = [left.copy() for _ in range(3)]
    ways[0] += right
    ways[1].extend(right)
    ways[2][50:] = right
    sums = [sum([left, right], start) for start in ([], Rows())]
    return [*ways, left + right, *sums]


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        (True, True, True),
        (True, None, None),
        (None, False, False),
        (False, None, False),
    ],
)
def test_joined_rows(
    people: Rows,
    left: bool | None,  # noqa: FBT001 - pytest's parameters
    right: bool | None,  # noqa: FBT001 - the same
    both: bool | None,  # noqa: FBT001 - the same
) -> None:
    """They are as complete as the less complete part, for its reason, and of the first's path."""
    people.origin = replace(people.origin, complete=left, reason="left")
    of = replace(people.origin, path="devices", complete=right, reason="right", kept="1 kept")
    reason = "left" if left is both else "right"

    for rows in joined(people, Rows([{"id": "X"}], of)):
        assert [*people, {"id": "X"}] == rows
        expected = replace(people.origin, complete=both, reason=reason, kept="1 kept")
        assert expected == rows.origin


@pytest.mark.parametrize("shown", [(0, 10), (10, 0), (0, 0)])
def test_joined_rows_that_show_nobody(people: Rows, shown: tuple[int, int]) -> None:
    """What one part does not show is not shown of the sum."""
    other = Rows([{"logonName": "jdoe"}], replace(people.origin, path="devices"))
    people.show_rows, other.show_rows = shown

    for rows in joined(people, other):
        assert 0 == rows.show_rows
        assert not re.search("jdoe|small", repr(rows))


def test_rows_of_two_people(people: Rows) -> None:
    """They are nobody's, read from the first to the last."""
    later = Rows([{}], replace(people.origin, operator="Ann", read_until=datetime.now(UTC)))

    for rows in joined(people, later):
        assert rows.operator is None
        assert people.origin.read_from == rows.origin.read_from
        assert later.fetched_at == rows.fetched_at


def test_rows_of_the_users_own(people: Rows) -> None:
    """A plain list changes nothing, and of rows that MyID did not send nothing is known."""
    own: list[dict[str, object]] = [{"id": "X"}]
    same = people
    same += own
    same.append({"id": "Y"})
    same[:1] = own

    for rows in (same, people + own, own + people, Rows(people), *joined(people, Rows(own))):
        assert people.origin == rows.origin
    assert same is people
    assert Rows(own).complete is None


@pytest.mark.parametrize(
    "way",
    [
        *("del rows[1:]", "rows.pop()", "rows.remove(rows[3])", "rows[2:] = []", "rows.clear()"),
        "rows *= 0",
    ],
)
@pytest.mark.parametrize("complete", [True, None])
def test_fewer_rows(people: Rows, way: str, complete: bool | None) -> None:  # noqa: FBT001 - pytest's parameter
    """They are no longer all."""
    people = with_complete(people, complete)
    exec(way, {"rows": people})  # noqa: S102 - most of the ways are statements

    assert people.complete is False


def test_column(people: Rows) -> None:
    """A list with a value for each row: of a column, of a whole member, and of what calls add."""
    people += [{"id": "X", "roles": ["a"], "name": {"title": "Dr"}}]
    people.origin = replace(people.origin, columns=("@error",))

    assert [*people.to_pandas()["logonName"][:50], None] == people["logonName"]
    assert [None] * 50 + ["Dr"] == people["name.title"]
    assert [None] * 50 + [["a"]] == people["roles"]
    assert {"first": "Sam", "last": "Small"} == people["name"][0]
    assert [[]] * 50 + [None] == people["links"]
    assert [None] * 51 == people["@error"]
    assert [*people.to_pandas()] == [*people.columns]
    assert [] == people[:0]["anything"] == Rows()["anything"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("logonname", "No row has 'logonname'. Did you mean 'logonName'?"),
        ("name.Last", "No row has 'name.Last'. Did you mean 'name.last'?"),
        ("zzz", "No row has 'zzz'."),
    ],
)
def test_no_such_column(people: Rows, name: str, said: str) -> None:
    """The error names the nearest one."""
    with pytest.raises(KeyError) as caught:
        people[name]
    assert said == str(caught.value)


@pytest.mark.parametrize(
    "index",
    [False, np.True_, ["id"], ("id", "href"), 1.0, None, pd.Series([True]), pl.Series([True])],
    ids=lambda index: type(index).__name__,
)
def test_no_index(people: Rows, index: Any) -> None:  # noqa: ANN401 - what no index is
    """Of what filters a table, nothing is taken for the number of a row."""
    for way in (people.__getitem__, people.__delitem__, lambda each: people.__setitem__(each, {})):
        with pytest.raises(TypeError, match=r"To filter, use \.to_pandas\(\)\.$"):
            way(index)
    assert people[1] is people[np.int64(1)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("head", "rows[:5] has the first five."),
        ("shape", "It is (len(rows), len(rows.columns))."),
        ("filter", "to_pandas(), to_polars() and to_arrow() make a table that may have it."),
        ("logonName", "The column is rows['logonName']."),
        ("to_panda", "Did you mean 'to_pandas'?"),
    ],
)
def test_no_attribute(people: Rows, name: str, said: str) -> None:
    """One line has the way to what a table would have."""
    with pytest.raises(AttributeError) as caught:
        getattr(people, name)

    assert f"Rows are a list and have no {name!r}. {said}" == str(caught.value)
    assert not hasattr(people, name)
    assert not hasattr(Rows(), "_repr_png_")


def test_json(people: Rows) -> None:
    """The list that it is."""
    assert [*people] == json.loads(json.dumps(people))


def test_data_frames(people: Rows) -> None:
    """Pandas and Polars take them without to_pandas(), nested members and all."""
    frame = pd.DataFrame(people)

    assert (50, 6) == frame.shape == pl.DataFrame(people).shape
    assert {"first": "Sam", "last": "Small"} == frame["name"][49]
