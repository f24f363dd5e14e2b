"""The tables of what was tested name tests that exist."""

import pytest
from support.values.project import ROOT, proofs


@pytest.mark.parametrize(("section", "at_least"), [("## Where it signs in", 20), ("# ", 110)])
def test_every_proof_exists(section: str, at_least: int) -> None:
    """Each row of docs/security.md, from a section on, names a test, and that test is there."""
    rows = [*proofs("security", section)]

    assert len(rows) > at_least
    for proof in rows:
        assert proof.test, proof.row
        text = (ROOT / proof.file).read_text(encoding="utf-8")
        assert f"\ndef {proof.test}(" in text, proof.row
