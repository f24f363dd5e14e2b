"""Rows are a list of dicts that knows where it comes from."""

import copy
import doctest
import json
import pickle
from dataclasses import replace
from datetime import datetime, timedelta, timezone

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


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        (True, True, True),
        (True, None, None),
        (None, False, False),
        (False, None, False),
    ],
)
def test_sum(
    people: Rows,
    left: bool | None,  # noqa: FBT001 - pytest's parameters
    right: bool | None,  # noqa: FBT001 - the same
    both: bool | None,  # noqa: FBT001 - the same
) -> None:
    """It is as complete as the less complete one, and of the origin of the first."""
    people = with_complete(people, left)
    other = Rows([{"id": "X"}], Origin(path="devices", complete=right))

    assert [*people, {"id": "X"}] == people + other
    assert both is (people + other).complete
    assert origin(people) == origin(people + other)


def test_sum_with_a_list(people: Rows) -> None:
    """The list does not say whether it is complete; in place, it is the same object."""
    longer = people + [{"id": "X"}]  # noqa: RUF005 - that is the test
    same = people
    same += [{"id": "X"}]

    assert longer == same
    assert same is people
    assert origin(longer) == origin(people)


def test_json(people: Rows) -> None:
    """The list that it is."""
    assert [*people] == json.loads(json.dumps(people))


def test_data_frames(people: Rows) -> None:
    """Pandas and Polars take them without to_pandas(), nested members and all."""
    frame = pd.DataFrame(people)

    assert (50, 6) == frame.shape == pl.DataFrame(people).shape
    assert {"first": "Sam", "last": "Small"} == frame["name"][49]
