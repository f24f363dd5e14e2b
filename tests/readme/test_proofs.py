"""The tables of what was tested name tests that exist."""

import pytest
from support.values.project import ROOT, proofs


@pytest.mark.parametrize(("page", "at_least"), [("where-it-runs", 20), ("security", 90)])
def test_every_proof_exists(page: str, at_least: int) -> None:
    """Each row names a test, and that test is there."""
    rows = [*proofs(page)]

    assert len(rows) > at_least
    for proof in rows:
        assert proof.test, proof.row
        text = (ROOT / proof.file).read_text(encoding="utf-8")
        assert f"\ndef {proof.test}(" in text, proof.row
