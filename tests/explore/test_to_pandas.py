"""The types of the columns, and that no value is lost."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from myid_notebook.explore.rows import Rows


def frame_of(*values: object) -> pd.DataFrame:
    """Return the frame of rows with one column."""
    return Rows({"column": value} for value in values).to_pandas()


def kind_of(*values: object) -> str:
    """Return the type of a column."""
    return str(frame_of(*values)["column"].dtype)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2026-11-24"], "datetime64[us]"),
        (["2026-11-24T14:02:03.1234567"], "datetime64[us]"),
        (["2026-11-24T14:02:03Z", "2026-11-24T14:02:03+02:00"], "datetime64[us]"),
        (["9999-12-31T23:59:59", "0001-01-01T00:00:00", "2026-11-24"], "datetime64[us]"),
        ([None, "", "2026-11-24"], "datetime64[us]"),
        (["2026-11-24", "today"], "string"),
        (["2026-11-24T14:02:03", "2026-11-24T14:02:03Z"], "string"),
        (["2026-02-30"], "string"),
        (["9999-12-31T23:59:59-01:00"], "string"),
        (["0000-01-01"], "string"),
        (["2026-11-24T14:02:03+25:00"], "string"),
        (["20261124"], "string"),
        (["٢٠٢٦-11-24"], "string"),
        (["2026-11-24\n"], "string"),
        (["Yes", "No", "", None], "boolean"),
        (["No", "Yes", "Unknown"], "string"),
        (["yes"], "string"),
        ([True, None], "boolean"),
        ([1, None], "Int64"),
        ([2**63 - 1, -(2**63), None], "Int64"),
        ([2**63], "object"),
        ([1.5, None], "float64"),
        ([1, 1.5], "float64"),
        ([2**53 + 1, 1.5], "string"),
        ([True, 1], "string"),
        (["007", 7], "string"),
        (["", None], "string"),
        ([None], "string"),
        ([["a"], "b", 1], "object"),
        ([datetime(2026, 1, 1, tzinfo=UTC)], "object"),
    ],
)
def test_type(values: list[object], kind: str) -> None:
    """It takes every value of the column to make it more than text."""
    assert kind == kind_of(*values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24", "2026-11-24T00:00:00"),
        ("2026-11-24T14:02:03.1234567", "2026-11-24T14:02:03.123456"),
        ("2026-11-24T14:02:03Z", "2026-11-24T14:02:03"),
        ("2026-11-24T14:02:03.5+02:00", "2026-11-24T12:02:03.500000"),
        ("2026-01-01T00:02-05:30", "2026-01-01T05:32:00"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59"),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
    ],
)
def test_date(text: str, expected: str) -> None:
    """Without a zone; in UTC where the text has an offset."""
    column = frame_of(text, None, "")["column"]

    assert expected == column[0].isoformat()
    assert [False, True, True] == [*column.isna()]


def test_yes_and_no() -> None:
    """True and false; an empty text says neither."""
    column = frame_of("Yes", "No", "", None)["column"]

    assert [True, False, pd.NA, pd.NA] == [*column]
    assert [True] == [*column[column]]


def test_members() -> None:
    """Nested members stand in the place of their record, whichever rows have them; links go."""
    rows = Rows(
        [
            {"id": "1", "name": {"first": "A", "more": {"title": "Dr"}}, "links": [], "z": 1},
            {"name": {"last": "B"}, "manager": None, "group": {}},
            {"manager": {"id": "1", "links": ["x"]}, "extra": True},
        ]
    )
    frame = rows.to_pandas()

    assert [
        *("id", "name.first", "name.more.title", "name.last", "z"),
        *("manager.id", "manager.links", "extra"),
    ] == [*frame.columns]
    assert [0, 1, 2] == [*frame.index]
    assert ["A", pd.NA, pd.NA] == [*frame["name.first"]]
    assert [None, None, ["x"]] == [*frame["manager.links"]]


def test_links_of_the_installation() -> None:
    """Only a list is left out: an attribute may have the same name."""
    rows = Rows([{"links": []}, {"links": "cuff"}, {"links": None}])

    assert ["links"] == [*rows.to_pandas().columns]


@pytest.mark.parametrize(
    ("records", "columns"),
    [
        ([{"a.b": 1, "a": {"b": 2}}], {"a.b": [1], "a.b_2": [2]}),
        ([{"a": {"b": 2}, "a.b": 1}], {"a.b_2": [2], "a.b": [1]}),
        ([{"a.b": 1}, {"a": {"b": 2}}], {"a.b": [1, None], "a.b_2": [None, 2]}),
        ([{"a.b_2": 0, "a.b": 1, "a": {"b": 2}}], {"a.b_2": [0], "a.b": [1], "a.b_3": [2]}),
        ([{"a": {"b.c": 1, "b": {"c": 2}}}], {"a.b.c": [1], "a.b.c_2": [2]}),
        ([{"a": 1}, {"a": {"b": 2}}], {"a": [1, None], "a.b": [None, 2]}),
    ],
)
def test_names_that_collide(
    records: list[dict[str, object]], columns: dict[str, list[object]]
) -> None:
    """Each keeps its values; MyID's own names win."""
    frame = Rows(records).to_pandas()

    got = {name: [None if v is pd.NA else v for v in frame[name]] for name in frame}
    assert columns == got
    assert [*columns] == [*got]


def test_deep_record() -> None:
    """What is nested too deep stays one value."""
    deep: dict[str, object] = {}
    for _ in range(5_000):
        deep = {"d": deep}

    assert ["d" + ".d" * 32] == [*Rows([deep]).to_pandas().columns]


def test_half_a_surrogate_pair_in_a_name() -> None:
    """JSON may have it, Arrow may not."""
    assert ["\ud800", "a"] == [*Rows([{"\ud800": 1, "a": "x"}]).to_pandas().columns]


def test_empty() -> None:
    """No rows make an empty frame; rows without members are counted."""
    assert (0, 0) == Rows().to_pandas().shape
    assert (2, 0) == Rows([{}, {}]).to_pandas().shape


def test_attrs(people: Rows) -> None:
    """Where the rows come from, in JSON's types."""
    params = {**people.params, "since": datetime(2026, 1, 1, tzinfo=UTC)}
    people.origin = replace(people.origin, params=params, reason="it stopped", kept="12 kept")

    expected = {
        "path": "people",
        "params": {"name.last": "Sm*", "since": "2026-01-01 00:00:00+00:00"},
        "complete": False,
        "fetched_at": "2026-11-24T14:02:33+00:00",
        "reason": "it stopped",
        "kept": "12 kept",
        "operator": "Jane Doe",
    }
    assert expected == people.to_pandas().attrs
    people.show_rows = 0
    del expected["operator"]
    assert expected == people.to_pandas().attrs


def test_parquet(people: Rows, tmp_path: Path) -> None:
    """A file keeps types and origin, also of columns without a value."""
    for number, row in enumerate(people):
        row |= {"enabled": "Yes", "validUntil": "9999-12-31", "none": None, "half": number / 2}
        row |= {"roles": [{"id": "Cardholder"}]}
    frame = people.to_pandas()
    frame.to_parquet(tmp_path / "people.parquet")
    read = pd.read_parquet(tmp_path / "people.parquet")

    assert [*map(str, frame.dtypes)] == [*map(str, read.dtypes)]
    assert frame.attrs == read.attrs
    assert frame.drop(columns="roles").equals(read.drop(columns="roles"))


def test_pandas_is_loaded_late() -> None:
    """Rows alone cost no seconds, and work where there is no pandas."""
    program = "import sys, myid_notebook.explore.rows as r; print(r.Rows([{}]), *sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert not {b"pandas", b"numpy", b"IPython"} & {*loaded.stdout.split()}


def test_without_pandas(people: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install."""
    monkeypatch.delitem(sys.modules, "myid_notebook.explore.to_pandas", raising=False)
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(ModuleNotFoundError, match=r"^to_pandas\(\) needs pandas\. .*$") as caught:
        people.to_pandas()
    assert '%pip install pandas  (from a clone: pip install ".[tables]")' in str(caught.value)
    assert caught.value.__suppress_context__


def test_part_of_pandas_missing(people: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """What else cannot be imported is not blamed on pandas."""
    monkeypatch.delitem(sys.modules, "myid_notebook.explore.to_pandas", raising=False)
    monkeypatch.setitem(sys.modules, "json", None)

    with pytest.raises(ModuleNotFoundError, match="json"):
        people.to_pandas()


names = st.sampled_from(["a", "b", "a.b", "a.b_2", "id", "links", ""]) | st.text(max_size=3)
dates = st.datetimes(timezones=st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=9))))
texts = (
    st.text(st.characters(), max_size=5)
    | st.sampled_from(["Yes", "No", "", "007", "2026-02-30", "\ud800"])
    | dates.map(datetime.isoformat)
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
typed = {"n": st.integers(), "f": st.floats(allow_nan=False), "d": dates.map(datetime.isoformat)}
typed |= {"y": st.sampled_from(["Yes", "No", ""]), "b": st.booleans()}
rows_of_types = st.fixed_dictionaries({}, optional={k: v | st.none() for k, v in typed.items()})
records = st.lists(st.dictionaries(names, values, max_size=4), max_size=4) | st.lists(rows_of_types)


def leaves(value: object) -> list[object]:
    """Return the values of a record that are there, without the lists of links."""
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    return [] if value is None else [value]


def written(value: object) -> str:
    """Return a value as text, the same for what a column may make of it."""
    if isinstance(value, (bool, str, int)):
        text = {"Yes": "True", "No": "False"}.get(str(value), str(value))
    elif isinstance(value, float):
        text = str(int(value)) if value.is_integer() else str(value)
    elif isinstance(value, pd.Timestamp):
        text = str(value.to_pydatetime())
    else:
        text = json.dumps(value)
    try:
        moment = datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        return text
    if moment is not None and moment.tzinfo:
        try:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return text
    return text if moment is None else moment.isoformat()


@given(records)
@example([{"a": {}}, {"a": {"b": 1}}, {"a.b": [math.inf]}])
@settings(max_examples=300)
def test_no_value_is_lost(data: list[dict[str, object]]) -> None:
    """Whatever JSON the rows are: each value is in the frame, in its row."""
    frame = Rows(data).to_pandas()

    assert len(data) == len(frame)
    cells = frame.astype(object)
    for number, record in enumerate(data):
        # Not iterrows: pandas would make a text column of a row, which may hold half a character.
        row = [cells.iloc[number, column] for column in range(cells.shape[1])]
        kept = {k: v for k, v in record.items() if k != "links" or not isinstance(v, list)}
        there = [value for value in row if isinstance(value, list) or not pd.isna(value)]
        shown = {*map(written, there)}
        for leaf in leaves(kept):
            # Among texts and truth values a number is its own text, such as 0.0.
            assert written(leaf) in {"", *shown} or str(leaf) in shown
