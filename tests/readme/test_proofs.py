"""The tables of what was tested name tests that exist."""

import re

import pytest
from support.values.project import ROOT, proofs


@pytest.mark.parametrize(("page", "least"), [("security", 200), ("assumptions", 40)])
def test_every_proof_exists(page: str, least: int) -> None:
    """Each row names a test, and that test is there."""
    rows = [*proofs(page)]

    assert len(rows) > least
    for proof in rows:
        assert proof.test, proof.row
        text = (ROOT / proof.file).read_text(encoding="utf-8")
        assert f"\ndef {proof.test}(" in text, proof.row


def test_every_row_can_be_read_alone() -> None:
    """Each promise of docs/security.md is a sentence that does not lean on the row above."""
    leaning = ("nor ", "also ", "and ", "or ", "so ", "whose ", "it ", "they ")

    for proof in proofs("security"):
        promise = proof.row.removeprefix("| ").partition(" | ")[0]
        assert promise.endswith("."), promise
        assert not promise.lower().startswith(leaning), promise
        assert proof.figure != "the same", proof.row


def test_what_is_seen_is_what_the_test_sees() -> None:
    """Words that a row of docs/assumptions.md quotes are in the file of its test."""
    for proof in proofs("assumptions"):
        text = (ROOT / proof.file).read_text(encoding="utf-8")
        _, _, seen, _ = proof.row.removeprefix("| ").split(" | ")
        assert [] == [each for each in re.findall("“(.*?)”", seen) if each not in text], proof.row
