"""A verdict as JSON, from the listener to the relay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myid_notebook.callback.outcome import Outcome, Verdict


@given(st.sampled_from(Outcome), st.text())
def test_verdict_travels(outcome: Outcome, detail: str) -> None:
    """What is sent arrives."""
    verdict = Verdict(outcome=outcome, detail=detail)

    assert verdict == Verdict.from_json(verdict.to_json())


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"\xff", b"[" * 50_000, b'{"outcome": "signed_in"}'),
        b'{"outcome": "rich", "detail": ""}',
    ],
)
def test_other_answers_are_no_verdict(body: bytes) -> None:
    """Another program on that port does not sign anybody in."""
    with pytest.raises(ValueError, match=r"."):
        Verdict.from_json(body)
