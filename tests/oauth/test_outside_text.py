"""Text that a server sent, made fit for a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myid_notebook.untrusted_text import MAX_LENGTH, outside_text


@given(st.text() | st.text("a\n\r\t\x1b\u202e\ud800 ", max_size=900))
def test_outside_text_is_one_short_printable_line(text: str) -> None:
    """No line breaks, terminal escapes, direction marks or surrogates, and not too long."""
    for shown in (outside_text(text), outside_text(text, mask_opaque=False)):
        assert shown.isprintable()
        assert len(shown) <= MAX_LENGTH
        assert shown == shown.strip()


def test_long_opaque_values_are_masked() -> None:
    """Forty characters without a blank may be a code or a token."""
    assert "was … here" == outside_text(f"was {'aB3-' * 10} here")


@pytest.mark.parametrize("part", ["pass", "word"])
def test_hidden_values_are_masked_longest_first(part: str) -> None:
    """What is known to be secret is masked whatever it looks like, also where one holds another."""
    assert "bad … and …" == outside_text(f"bad pass-word and {part}", [part, "pass-word"])


def test_hidden_value_of_several_words_is_masked_on_the_line_that_is_shown() -> None:
    """Blanks are joined before anything is shown, so a secret with two is sought with one."""
    assert "bad …" == outside_text("bad pass\n word", ["pass  word"])


@pytest.mark.parametrize("blanks", [0, 190, 780, 799])
def test_no_part_of_a_hidden_value_is_shown(blanks: int) -> None:
    """Wherever a long text is cut, it is cut after masking."""
    assert "a …" == outside_text(f"a{' ' * (blanks + 1)}0123456789-secret", ["0123456789-secret"])


def test_only_what_is_too_long_is_cut_and_says_so() -> None:
    """As much as fits is shown, and an ellipsis stands for the rest."""
    fits = ("ab " * MAX_LENGTH)[: MAX_LENGTH - 1] + "c"

    assert fits == outside_text(fits)
    assert f"{fits[:-1]}…" == outside_text(f"{fits}d")
    assert 200 == MAX_LENGTH


@pytest.mark.parametrize("written", ["abc", "%61bc", "616263", "YWJj", "eGFiY3g="])
def test_hidden_values_may_be_short(written: str) -> None:
    """A value of three letters is hidden too, and one of one, whatever it makes of the message."""
    assert "it was … ." == outside_text(f"it was {written} .", ["", "abc"])
    assert "c" not in outside_text(f"it was {written} .", ["c"])
