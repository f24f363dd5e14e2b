"""Text that a server sent, made fit for a message."""

from hypothesis import given
from hypothesis import strategies as st

from myid_notebook.oauth.outside_text import MAX_LENGTH, outside_text, outside_url


@given(st.text() | st.text("a\n\r\t\x1b\u202e\ud800 ", max_size=900))
def test_outside_text_is_one_short_printable_line(text: str) -> None:
    """No line breaks, terminal escapes, direction marks or surrogates, and not too long."""
    for shown in (outside_text(text), outside_url(text)):
        assert shown.isprintable()
        assert len(shown) <= MAX_LENGTH
        assert shown == shown.strip()


def test_long_opaque_values_are_masked() -> None:
    """Forty characters without a blank may be a code or a token."""
    assert "was … here" == outside_text(f"was {'aB3-' * 10} here")


def test_hidden_values_are_masked_longest_first() -> None:
    """What is known to be secret is masked whatever it looks like, also where one holds another."""
    assert "bad … and …" == outside_text("bad pass-word and pass", ["pass", "pass-word"])


def test_tiny_hidden_values_do_not_garble_the_message() -> None:
    """A one-letter value hides nothing."""
    assert "a bad day" == outside_text("a bad day", ["a", ""])


@given(st.from_regex(r"[!-~]{4,80}", fullmatch=True), st.text(), st.text())
def test_hidden_value_never_comes_through(value: str, before: str, after: str) -> None:
    """Wherever it stands in the text."""
    assert value not in outside_text(before + value + after, [value])
