"""The types of the columns, and that no value is lost."""

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from myid_notebook.explore.rows import Rows
from myid_notebook.explore.tables import LibraryNotInstalled, Type
from myid_notebook.explore.view import Origin
from myid_notebook.untrusted_text import cut

TYPES = {
    "date": ("datetime64[us]", pl.Datetime("us"), pa.timestamp("us")),
    "boolean": ("boolean", pl.Boolean, pa.bool_()),
    "integer": ("Int64", pl.Int64, pa.int64()),
    "number": ("float64", pl.Float64, pa.float64()),
    "text": ("string", pl.String, pa.string()),
    "JSON": ("object", pl.String, pa.string()),
}


def type_of(rows: Rows, name: str, types: Mapping[str, Type] | None = None) -> str:
    """Return the type of a column, which is the same in all three libraries."""
    pandas, arrow = rows.to_pandas(types=types)[name].dtype, rows.to_arrow(types=types)[name].type
    polars = rows.to_polars(types=types)[name].dtype
    return next(kind for kind, each in TYPES.items() if each == (str(pandas), polars, arrow))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2026-11-24T14:02:03.1234567"], "date"),
        (["2026-11-24T14:02:03Z", "2026-11-24T14:02:03+02:00"], "date"),
        (["9999-12-31T23:59:59", "0001-01-01T00:00:00"], "date"),
        ([None, "", "2026-11-24T14:02"], "date"),
        (["2026-11-24"], "text"),
        (["2026-11-24T14:02:03", "2026-11-24"], "text"),
        (["2026-11-24", "2026-11-24T14:02:03"], "text"),
        (["2026-11-24T14:02:03", "today"], "text"),
        (["2026-11-24T14:02:03", "2026-11-24T14:02:03Z"], "text"),
        (["2026-02-30T00:00:00"], "text"),
        (["9999-12-31T23:59:59-01:00"], "text"),
        (["0000-01-01T00:00:00"], "text"),
        (["2026-11-24T14:02:03+25:00"], "text"),
        (["20261124T140203"], "text"),
        (["2026-W11-1T12:00"], "text"),
        (["2026-11-24T14"], "text"),
        (["٢٠٢٦-11-24T14:02:03"], "text"),
        (["2026-11-24T14:02:03\n"], "text"),
        (["Yes", "No"], "text"),
        ([True, None], "boolean"),
        ([1, None], "integer"),
        ([2**63 - 1, -(2**63), None], "integer"),
        ([2**63], "text"),
        ([1, -(2**63) - 1], "text"),
        ([2**70, 1.5], "text"),
        ([2**70, "x"], "text"),
        ([1.5, None], "number"),
        ([1, 1.5], "number"),
        ([2**53 + 1, 1.5], "text"),
        ([True, 1], "text"),
        (["007", 7], "text"),
        (["", None], "text"),
        ([None], "text"),
        ([["a"], "b", 1], "JSON"),
        ([datetime(2026, 1, 1, tzinfo=UTC)], "JSON"),
    ],
)
def test_type(values: list[object], kind: str) -> None:
    """It takes every value of the column to make it more than text."""
    assert kind == type_of(Rows({"column": value} for value in values), "column")


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("validUntil", ["2026-11-24", None, "2026-11-24T14:02:03"], "date"),
        ("validTo", ["2026-11-24"], "text"),
        ("validFrom", ["20261124", "2026-11-24 14:02"], "date"),
        ("VALIDFROM", [None], "date"),
        ("device.validity.to", [""], "date"),
        ("@expiryDate", ["2026-11-24"], "date"),
        ("personal.dateOfBirth", [None, None], "date"),
        ("to", ["2026-11-24"], "text"),
        ("sn", ["2026-11-24"], "text"),
        ("enabled", ["Yes", "No", "", None], "boolean"),
        ("owner.Enabled", [None], "boolean"),
        ("enabled", [1, 0], "boolean"),
        ("enabled", [True, "Yes"], "boolean"),
        ("approved", ["Yes"], "text"),
        ("enabledBy", ["Yes"], "text"),
    ],
)
def test_type_of_a_name(
    name: str, values: list[object], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What MyID gives a meaning has one type, whichever rows came, and if none came."""
    assert kind == type_of(Rows({name: value} for value in values), name)
    assert kind == type_of(Rows([], Origin(columns=(name,))), name)
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "values", "line"),
    [
        (
            "validUntil",
            ["2026-11-24", "never", None, "x"],
            "is text, not date: another value in 2 of 4 rows, first in row 1.",
        ),
        (
            "a\x1b[31m.dateIssued",
            [5],
            "is integer, not date: another value in 1 of 1 rows, first in row 0.",
        ),
        (
            "validFrom",
            ["2026-11-24T14:02:03Z", "2026-11-24"],
            "is text, not date: some times have an offset from UTC, and some have none.",
        ),
        (
            "x" * 1_000 + ".validFrom",
            ["never"],
            "is text, not date: another value in 1 of 1 rows, first in row 0.",
        ),
        (
            "Enabled",
            ["Yes", "Unknown"],
            "is text, not boolean: another value in 1 of 2 rows, first in row 1.",
        ),
        (
            "expiryDate",
            [["2026-11-24"]],
            "has values of several types, not date: another value in 1 of 1 rows, first in row 0.",
        ),
    ],
)
def test_name_that_promises_too_much(
    name: str, values: list[object], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The values decide, and one line says so, without a value of anybody."""
    rows = Rows({name: value} for value in values)
    table = rows.to_pandas()

    shown = cut(name.replace("\x1b", " "))
    assert f"{shown} {line}\n" == capsys.readouterr().out
    assert [str(value) for value in values if value] == [*table[name].dropna().astype(str)]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["0017", 18, "", None, 19.0, True], "integer", [17, 18, None, None, 19, 1]),
        (["1.5", 2, "-1e3", ""], "number", [1.5, 2.0, -1000.0, None]),
        (["yes", "No", 1, False, "TRUE", ""], "boolean", [True, False, True, False, True, None]),
        (["2026-11-24", ""], "date", [datetime(2026, 11, 24), None]),  # noqa: DTZ001 - as MyID writes them
        ([1, "", True, None, ["a"]], "text", ["1", "", "True", None, '["a"]']),
    ],
)
def test_types_of_the_users_own(values: list[object], kind: Type, expected: list[object]) -> None:
    """They count more than names and values, and make columns where there are no rows."""
    rows = Rows({"validUntil": value} for value in values)
    types: dict[str, Type] = {"validUntil": kind}

    assert kind == type_of(rows, "validUntil", types=types)
    assert expected == rows.to_arrow(types=types)["validUntil"].to_pylist()
    assert kind == type_of(Rows(), "validUntil", types=types)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *(("x", "integer"), (1.5, "integer"), (2**63, "integer"), ("1_0", "integer")),
        *(("٣", "integer"), ([1], "integer"), ("nan", "number"), (2**53 + 1, "number")),
        *((str(2**53 + 1), "number"), ("1e999", "number"), (math.nan, "integer")),
        *(("2", "boolean"), ("Unknown", "boolean"), (20261124, "date"), ("never", "date")),
    ],
)
def test_types_that_cannot_be(value: object, kind: Type) -> None:
    """No value is lost in silence."""
    rows = Rows([{"a": None}, {"a": value}])

    with pytest.raises(ValueError, match=r"^'a' cannot be .* in 1 of 2 rows, first in row 1\.$"):
        rows.to_pandas(types={"a": kind})


def test_types_that_nobody_knows(people: Rows) -> None:
    """A misspelt name of a column or a type changes nothing in silence."""
    with pytest.raises(KeyError, match=r"No row has 'logonname'\. Did you mean 'logonName'"):
        people.to_pandas(types={"logonname": "text"})
    with pytest.raises(ValueError, match="'id' cannot be 'str': the types are text, date, boolean"):
        people.to_polars(types={"id": "str"})  # type: ignore[dict-item]  # that is the test


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
    rows = Rows([{"validUntil": text}, {"validUntil": None}, {"validUntil": ""}])
    column = rows.to_pandas()["validUntil"]

    assert expected == column[0].isoformat()
    assert [False, True, True] == [*column.isna()]
    assert [datetime.fromisoformat(expected), None, None] == [*rows.to_polars()["validUntil"]]


def leaf_count(value: object) -> int:
    """Return how many values are in a list."""
    if isinstance(value, list):
        return sum(map(leaf_count, value))
    return sum(map(leaf_count, value.values())) if isinstance(value, dict) else value is not None


def deep_list(levels: int) -> list[object]:
    """Return a list in a list, and so on."""
    return [deep_list(levels - 1)] if levels else []


LISTS: list[tuple[list[object], str]] = [
    ([["a"], None, []], "List(String)"),
    ([[{"a": 1}], [{"b": "x"}]], "List(Struct({'a': Int64, 'b': String}))"),
    ([[{"a": 1}], [{"a": {"b": [True]}}]], "String"),
    ([[1], [1.5]], "List(Float64)"),
    ([[2**53 + 1], [1.5]], "String"),
    ([[2**63]], "String"),
    ([[1], ["x"]], "String"),
    ([[True], [1]], "String"),
    ([[{}]], "String"),
    ([deep_list(40)], "String"),
    ([[{"a": deep_list(40)}]], "String"),
    ([["\ud800"]], "String"),
    ([[{"\ud800": 1}]], "String"),
    ([[{str(number): 1 for number in range(101)}]], "String"),
]


@pytest.mark.parametrize(("values", "kind"), LISTS)
def test_lists(values: list[object], kind: str) -> None:
    """In Polars and Arrow they are lists if no value is lost, else JSON; in pandas objects."""
    rows = Rows({"column": value} for value in values)
    polars, arrow = rows.to_polars()["column"], rows.to_arrow()["column"]

    assert values == [*rows.to_pandas()["column"]]
    assert kind == str(polars.dtype)
    assert polars.to_list() == arrow.to_pylist()
    if kind == "String":
        assert values == [*map(json.loads, polars)]
    else:
        assert leaf_count(values) == leaf_count(polars.to_list())


@pytest.mark.parametrize("types", [None, {"a": "number"}])
def test_missing_numbers(types: Mapping[str, Type] | None) -> None:
    """NaN, which some servers write, is missing in all three libraries."""
    rows = Rows([{"a": 1.5}, {"a": math.nan}, {}])

    assert [1.5, None, None] == rows.to_polars(types=types)["a"].to_list()
    assert [1.5, None, None] == rows.to_arrow(types=types)["a"].to_pylist()
    assert 2 == rows.to_pandas(types=types)["a"].isna().sum()


def test_late_columns() -> None:
    """A column that first appears after row 100 is there, that of failed calls among them."""
    rows = Rows([{"a": 1}] * 500 + [{"a": 2, "@error": "404"}], Origin(columns=("@path", "@error")))

    last = {"a": 2, "@error": "404", "@path": None}
    assert last == rows.to_polars().row(-1, named=True) == rows.to_arrow().to_pylist()[-1]
    assert [*rows.to_pandas()] == rows.to_polars().columns == rows.to_arrow().column_names


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


def test_name_that_arrow_does_not_take() -> None:
    """JSON may have half of a surrogate pair, and rows of one's own a name that is no text."""
    rows = Rows([{"\ud800": 1, "a": "x", 5: 1}])  # type: ignore[dict-item]  # that is the test

    assert ["\ud800", "a", 5] == [*rows.to_pandas().columns]
    assert [r"\ud800", "a", "5"] == rows.to_polars().columns == rows.to_arrow().column_names


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


def test_arrow_knows_the_origin(people: Rows, tmp_path: Path) -> None:
    """In its metadata, which Parquet files keep."""
    people += [{"roles": [{"id": "1"}], "none": None, "empty": [], "validUntil": None}]
    path = tmp_path / "people.parquet"
    parquet.write_table(people.to_arrow(), path)

    assert people.to_pandas().attrs == json.loads(parquet.read_schema(path).metadata[b"myid"])
    assert people.to_arrow().to_pylist() == pl.read_parquet(path).to_dicts()


def test_libraries_are_loaded_late() -> None:
    """Rows alone cost no seconds, and work where none of the three is."""
    program = "import sys, myid_notebook.explore.tables, myid_notebook.explore.rows as r\n"
    program += "print(r.Rows([{}]), *sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    heavy = {b"pandas", b"numpy", b"polars", b"pyarrow", b"IPython"}
    assert not heavy & {*loaded.stdout.split()}


@pytest.mark.parametrize(
    ("call", "library", "extra"),
    [
        ("to_pandas", "pandas", "tables"),
        ("to_polars", "polars", "polars"),
        ("to_arrow", "pyarrow", "arrow"),
    ],
)
def test_without_a_library(
    people: Rows, monkeypatch: pytest.MonkeyPatch, call: str, library: str, extra: str
) -> None:
    """One line says what to install."""
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(LibraryNotInstalled, match=rf"^{call}\(\) needs {library}\. ") as caught:
        getattr(people, call)()
    assert f'%pip install {library}  (from a clone: pip install ".[{extra}]")' in str(caught.value)
    assert caught.value.__suppress_context__


def test_part_of_pandas_missing(
    people: Rows, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What else cannot be imported is not blamed on pandas."""
    (tmp_path / "pandas.py").write_text("import nothing_like_this")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pandas")

    with pytest.raises(ModuleNotFoundError, match="nothing_like_this"):
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


def plain(value: object) -> object:
    """Return a value of pandas as Arrow has it: pandas 2.2 has halves of surrogate pairs."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    return None if pd.isna(value) else value


@given(records)
@example([{"a": {}}, {"a": {"b": 1}}, {"a.b": [math.inf]}])
@settings(max_examples=300)
def test_no_value_is_lost(data: list[dict[str, object]]) -> None:
    """Whatever JSON the rows are: each value is in the frame, in its row."""
    frame = Rows(data).to_pandas()

    assert len(data) == len(frame)
    polars, arrow = Rows(data).to_polars(), Rows(data).to_arrow()
    assert arrow.column_names == polars.columns
    for place, name in enumerate(frame):
        found, same = arrow.column(place).to_pylist(), polars.to_series(place).to_list()
        assert leaf_count(found) == leaf_count(same)
        if frame[name].dtype != object:
            assert [*map(plain, frame[name])] == found == same
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
