"""What axe-core finds wrong with a page for people who cannot see, or use a mouse, as others do."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(os.environ.get("NODE_PATH", f"{sys.prefix}/node_modules"), "axe-core/axe.min.js")
"""From npm, in the environment of the tests, as JupyterHub's proxy is."""

_RUN = """async part => (await axe.run(part || document)).violations.flatMap(
    rule => rule.nodes.map(
        node => `${rule.id}: ${node.html.slice(0, 200)} - ${node.failureSummary}`))"""


def axe_violations(page: Page, *, part: str = "") -> list[str]:
    """Return each violation of a rule: the rule, the element, and how to mend it.

    Args:
        page: any page, as it is shown now.
        part: a CSS selector; empty for the whole page.
    """
    assert AXE.exists(), f"axe-core is not installed: npm install --prefix {sys.prefix} axe-core"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_RUN, part)
    return found
