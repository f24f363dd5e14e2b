"""The tables of what was tested name tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("page", "at_least"), [("where-it-runs", 20), ("security", 90)])
def test_every_proof_exists(page: str, at_least: int) -> None:
    """Each row names a test, and that test is there."""
    lines = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8").splitlines()
    heads = {index - 1 for index, line in enumerate(lines) if line.startswith("|---")}
    rows = [line for i, line in enumerate(lines) if line.startswith("| ") and i not in heads]
    proofs = [re.search(r"`(tests/\S+)::(test_\w+)`", row) for row in rows]

    assert len(rows) > at_least
    for row, proof in zip(rows, proofs, strict=True):
        assert proof is not None, row
        file, test = proof.groups()
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), row
