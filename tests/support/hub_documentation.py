"""What docs/jupyterhub.md shows."""

import re
from pathlib import Path

TEXT = (Path(__file__).parents[2] / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
"""The whole of it."""


def documented(language: str) -> str:
    """Return the one block of code in a language.

    Args:
        language: as it stands behind the backticks.
    """
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    return str(block)
