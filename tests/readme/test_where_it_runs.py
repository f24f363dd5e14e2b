"""The table of places names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_proof_exists() -> None:
    """Each row of docs/where-it-runs.md names a test, and that test is there."""
    page = (ROOT / "docs" / "where-it-runs.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    proofs = [re.search(r"`(tests/\S+)::(test_\w+)`", row) for row in rows]

    assert len(rows) > 20
    for row, proof in zip(rows, proofs, strict=True):
        assert proof is not None, row
        file, test = proof.groups()
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), row
