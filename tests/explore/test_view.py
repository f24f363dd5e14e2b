"""What a notebook and a terminal show of rows."""

import pickle
import re
import time
import tracemalloc
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from IPython.lib.pretty import pretty
from support.browser.callback_page import elements

from myid_notebook.explore.rows import Rows
from myid_notebook.explore.view import Origin

CAPTION = "people · name.last=Sm* · 50 rows, more exist · as Jane Doe, 24 Nov 2026 14:02 UTC"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def cells(html: str, tag: str) -> list[str]:
    """Return the texts of the cells of a table."""
    return [unescape(t) for t in re.findall(rf"<{tag}[ >][^<]*<bdi>(.*?)</bdi></{tag}>", html)]


def caption(html: str) -> str:
    """Return the text of the caption."""
    _, _, rest = html.partition("<caption")
    return _Text("<caption" + rest.partition("</caption>")[0]).text


class _Text(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text(people: Rows) -> None:
    """The caption, then ten rows, numbers to the right; what is left out is counted."""
    lines = repr(people).splitlines()

    assert [
        CAPTION,
        "logonName  name.first  name.last  cards",
        "small0     Sam         Small          0",
        "small1     Sam         Small          1",
    ] == lines[:4]
    assert ["small9     Sam         Small          9", "… and 40 more"] == lines[-2:]
    assert 13 == len(lines)
    assert "\n".join(lines) == pretty(people) == str(people)


def test_html(people: Rows) -> None:
    """The same as a table with a caption and headings, without colours of its own."""
    html = people._repr_html_()

    assert caption(html) == CAPTION
    assert ["logonName", "name.first", "name.last", "cards"] == cells(html, "th")
    assert ["small0", "Sam", "Small", "0", "small1"] == cells(html, "td")[:5]
    assert 40 == len(cells(html, "td"))
    assert "<div>… and 40 more</div>" in html
    assert 4 == html.count('<th scope="col"')
    assert 11 == html.count("text-align:right")
    assert html.startswith('<div class="tex2jax_ignore mathjax_ignore">')
    assert not re.search("color|background|border|width", html)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, CAPTION),
        ({"complete": True}, CAPTION.replace(", more exist", "")),
        ({"complete": None}, CAPTION.replace("more exist", "may have more")),
        ({"kept": "12 kept"}, CAPTION.replace("exist", "exist, 12 kept")),
        ({"operator": None}, CAPTION.replace("as Jane Doe, ", "")),
        ({"params": {}}, CAPTION.replace("name.last=Sm* · ", "")),
        ({"params": {"a": 1, "b": ["x", None]}}, CAPTION.replace("name.last=Sm*", "a=1, b=[x, ]")),
        ({"path": ""}, CAPTION.removeprefix("people · ")),
        ({"path": "x" * 61}, CAPTION.replace("people", "x" * 59 + "…")),
        ({"operator": "A\n\u202eB\x1b[31m"}, CAPTION.replace("Jane Doe", "A B [31m")),
    ],
)
def test_caption(people: Rows, change: dict[str, object], expected: str) -> None:
    """What was asked for, how many came and whether there are more, for whom, when."""
    people.origin = replace(people.origin, **change)

    assert expected == repr(people).splitlines()[0]
    assert expected == caption(people._repr_html_())


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_345, "12,345 rows")]
)
def test_count(number: int, said: str) -> None:
    """In words and with a comma."""
    assert repr(Rows([{}] * number, Origin(complete=True))).startswith(f"{said} · ")


def test_name_from_right_to_left(people: Rows) -> None:
    """It stays between its neighbours, also where those are digits."""
    people.origin = replace(people.origin, operator="שלום <b>")

    assert "as <bdi>שלום &lt;b&gt;</bdi>, 24 Nov" in people._repr_html_()


def test_share(people: Rows) -> None:
    """With show_rows 0 there are names of columns and parameters, and nobody's data."""
    people.origin = replace(people.origin, path="people?name.last=Small", show_rows=0)
    text, html = repr(people), people._repr_html_()

    assert [
        "people · name.last=… · 50 rows, more exist · 24 Nov 2026 14:02 UTC",
        "logonName  name.first  name.last  cards",
    ] == text.splitlines()
    assert ["logonName", "name.first", "name.last", "cards"] == cells(html, "th")
    assert not re.search("Jane|Sam|Small|Sm|small", text + html)
    people.show_rows = -1
    assert text == repr(people)


def test_share_of_one_persons_rows() -> None:
    """The id of the person is not named either."""
    rows = Rows([], Origin(path="people/0C5E-7A/devices", complete=True, show_rows=0))

    assert repr(rows).startswith("people/…/devices · 0 rows · ")
    rows.show_rows = 1
    assert repr(rows).startswith("people/0C5E-7A/devices · 0 rows · ")
    rows.origin = replace(rows.origin, path="30 paths", show_rows=0)
    assert repr(rows).startswith("30 paths · 0 rows · ")


def test_differing_rows() -> None:
    """Each column that any row has; what is missing, None or an empty record is empty."""
    rows = Rows([{"a": 1}, {"b": None}, {"a": 2, "c": {}}, {"c": {"d": True}}])

    assert ["a", "b", "c.d"] == cells(rows._repr_html_(), "th")
    assert ["1", "", "", "", "", "", "2", "", "", "", "", "True"] == cells(rows._repr_html_(), "td")


def test_column_of_a_much_later_row(people: Rows) -> None:
    """A view reads a thousand rows, so that a table of all people is shown at once."""
    rows = people + [{}] * 949 + [{"first": 1}, {"second": 1}]

    assert "first" == cells(rows._repr_html_(), "th")[-1]


def test_only_hidden_columns() -> None:
    """They are shown if there are no others."""
    rows = Rows([{"id": "1", "href": "groups/1", "links": []}])

    assert ["id", "href"] == cells(rows._repr_html_(), "th")


def test_many_columns() -> None:
    """HTML has twelve, text as many as fit; the others are named."""
    rows = Rows([{f"column{number}": "x" for number in range(30)}])
    html, text = rows._repr_html_(), repr(rows)

    assert 12 == len(cells(html, "th"))
    named = ", ".join(f"column{number}" for number in range(12, 24))
    assert f"<div>… 18 more columns: {named}, …</div>" in html
    header, values, rest = text.splitlines()[1:]
    assert "column8" == header.split()[-1]
    assert 9 == len(values.split())
    assert rest.startswith("… 21 more columns: column9, ")
    assert rest.endswith("column20, …")


def test_names_below_the_table_are_text() -> None:
    """As those in it are."""
    rows = Rows([{f"<b>{number}": 1 for number in range(13)}])

    assert "<div>… 1 more column: &lt;b&gt;12</div>" in rows._repr_html_()


def test_text_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last column of it; the first column is always there."""
    rows = Rows([{"a": "x" * 10, "b": "y" * 10}])
    shown = {}
    for width in (22, 21, 5):
        monkeypatch.setenv("COLUMNS", str(width))
        shown[width] = repr(rows).splitlines()[2:]

    assert ["xxxxxxxxxx  yyyyyyyyyy"] == shown[22]
    assert ["xxxxxxxxxx", "… 1 more column: b"] == shown[21] == shown[5]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 10_000, "x" * 59 + "…"),
        (" " * 2_000 + "x", "…"),
        ("a\nb\tc\x00\x1b[0m\u2028d\ud800\u200fe", "a b c [0m d e"),
        ("\u202eevil\u2066", "evil"),
        ("אבג דה", "אבג דה"),
        ('<b>&amp;"', '<b>&amp;"'),
        (["a", None, {"b": [1, 2]}], "[a, , {b: [1, 2]}]"),
        ([[[["deep"]]]], "[[[…]]]"),
        ([*range(9)], "[0, 1, 2, 3, 4, 5, 6, 7, …]"),
        ([dict.fromkeys("abcdefghi", 1)], "[{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, …}]"),
        (("a",), "[a]"),
        (1.5, "1.5"),
        (False, "False"),
        pytest.param(10**5_000, "<int>", id="too long for str"),
    ],
)
def test_cell(value: object, shown: str) -> None:
    """One line of at most sixty characters, without what would move the others."""
    rows = Rows([{"column": value}])

    assert [shown] == cells(rows._repr_html_(), "td")
    assert shown == repr(rows).splitlines()[2].strip()


def test_wide_characters_are_aligned() -> None:
    """Ideographs take two places, accents of their own none."""
    rows = Rows([{"a": "田中", "b": "x"}, {"a": "e\u0301", "b": "x"}, {"a": "abcd", "b": "x"}])

    assert ["田中  x", "e\u0301     x", "abcd  x"] == repr(rows).splitlines()[2:]


def test_numbers_are_to_the_right() -> None:
    """If all values are; true and false are none."""
    rows = Rows([{"n": 1, "t": "1", "m": 1, "b": True, "e": None}, {"n": 2.5, "m": "x"}])
    html = rows._repr_html_()

    styles = re.findall(r"<th scope=\"col\" style=\"text-align:(\w+)\">", html)
    assert ["right", "left", "left", "left", "left"] == styles
    assert [" n", " 5", "50"] == repr(Rows([{"n": 5}, {"n": 50}])).splitlines()[1:]


class Unfriendly:
    """An object that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


def test_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists within themselves, nesting, objects, and what is not a dict."""
    record: dict[str, object] = {"name": Unfriendly(), 5: "five"}  # type: ignore[dict-item]
    rows = Rows([record, {"name": {"last": "Small"}}])
    loop: list[object] = []
    loop.extend([loop, rows] * 20)
    deep: object = "bottom"
    for _ in range(10):
        deep = {"level": deep}
    record |= {"loop": loop, "deep": deep}
    list.append(rows, "no dict")  # type: ignore[arg-type]  # nothing keeps a list from that
    list.append(rows, rows)  # type: ignore[arg-type]
    monkeypatch.setenv("COLUMNS", "500")
    started = time.monotonic()

    for shown in (repr(rows), rows._repr_html_()):
        assert "Unfriendly&gt;" in shown or "<Unfriendly>" in shown
        assert "five" in shown
        assert "no dict" in shown
        assert "bottom" in shown
        assert f"deep{'.level' * 9}.…" in shown
    assert time.monotonic() - started < 5


def test_time_of_many_rows() -> None:
    """A view reads only what it shows, and the columns of the first thousand."""
    rows = Rows([{"name": {"last": "x" * 100_000}}] * 200_000)
    started = time.monotonic()
    rows._repr_html_()

    assert time.monotonic() - started < 5


def own_keys(row: int) -> dict[str, object]:
    """Return fifty values under keys that no other row has."""
    return {f"{row}-{number}": "x" for number in range(50)}


def equal_names(parts: list[str]) -> dict[str, object]:
    """Return a record in which a name can be read in each way of splitting it."""
    record: dict[str, object] = {".".join(parts): 1}
    for end in range(1, len(parts)):
        record[".".join(parts[:end])] = equal_names(parts[end:])
    return record


LARGE: dict[str, list[dict[str, object]]] = {
    "own keys": [own_keys(row) for row in range(300)],
    "below one key": [{"a": {"b": own_keys(row)}} for row in range(300)],
    "own records": [{key: {"a": 1} for key in own_keys(row)} for row in range(300)],
    "equal names": [equal_names([*"abcdefghijklm"])],
    "long names": [{"x" * 100_000: {f"{number}": 1 for number in range(1_000)}}],
    "long texts": [{"a": [["x" * 100_000] * 8] * 8}],
}


@pytest.mark.parametrize("rows", LARGE.values(), ids=LARGE)
def test_size_of_a_view(rows: list[dict[str, object]]) -> None:
    """It grows with the rows, not with rows times columns, nor with a name times its members."""
    size = len(pickle.dumps(rows))
    tracemalloc.start()
    try:
        assert len(Rows(rows)._repr_html_()) < 20_000
        assert len(repr(Rows(rows))) < 20_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000 + 50 * size
    finally:
        tracemalloc.stop()


markup = st.sampled_from(
    [
        *("<", ">", '"', "'", "&", "<b>", "</td>", "</table>", "<script>", "-->", "<!--"),
        *("&lt;", "&#60;", "\x00", "\r\n", "\u202e", "\ud800", "$x$", "`", "a", "א"),
    ]
)
texts = st.text(max_size=8) | st.lists(markup, max_size=5).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(texts, values, max_size=3), max_size=4), texts, texts)
@example([{"<i>": "</bdi></td><script>alert(1)</script>"}], "<b>", "<b>")
@settings(max_examples=150)
def test_data_is_never_markup(data: list[dict[str, object]], name: str, path: str) -> None:
    """The elements of the table are ours, whatever the rows, the person and the path are."""
    rows = Rows(data, Origin(path=path, params={name: path}, operator=name, kept=name, show_rows=3))
    html = rows._repr_html_()

    ours = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi"}
    assert {tag.removeprefix("/") for tag, _ in elements(html)} <= ours
    attributes = {key for _, pairs in elements(html) for key, _ in pairs}
    assert attributes <= {"class", "style", "scope"}
    for shown in (repr(rows), _Text(html).text):
        assert all(c.isprintable() for c in shown.replace("\n", ""))
        assert len(shown) < 20_000
