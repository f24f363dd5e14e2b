"""The tables of what was tested name tests that exist."""

from support.values.project import ROOT, proofs


def test_every_proof_exists() -> None:
    """Each row of docs/security.md names a test, and that test is there."""
    rows = [*proofs("security")]

    assert len(rows) > 200
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
