"""What stands around a value and does not belong to it."""

import time

import pytest

from myid_notebook.secret import Secret
from myid_notebook.settings.resolve import strip_value


@pytest.mark.parametrize("around", ["", " ", "\n", "\ufeff", " \ufeff\r\n\t", "\ufeff \ufeff"])
def test_blanks_and_marks(around: str) -> None:
    """They go, in whatever order; what stands within stays."""
    assert "a \ufeff b" == strip_value(f"{around}a \ufeff b{around}")


def test_secret_stays_one() -> None:
    """A part of a secret is a secret."""
    assert isinstance(strip_value(Secret(" s ")), Secret)


@pytest.mark.alone
def test_text_of_any_length() -> None:
    """A hundred thousand blanks keeps nobody busy."""
    started = time.monotonic()

    assert strip_value(f"a{' ' * 100_000}a")

    assert time.monotonic() - started < 5
