"""What axe-core finds wrong with a page for people who cannot see, or use a mouse, as others do."""

import os
import re
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


def contrast(colour: str, behind: str) -> float:
    """Return the contrast of a colour with what is behind it (WCAG 2.2, "contrast ratio").

    Args:
        colour: as ``getComputedStyle`` gives it, such as ``rgb(20, 40, 61)``.
        behind: the same; opaque.
    """
    *below, opaque = _parts(behind)
    assert opaque == 1, f"{behind} is not opaque"
    *above, alpha = _parts(colour)
    seen = [alpha * a + (1 - alpha) * b for a, b in zip(above, below, strict=True)]
    lighter, darker = sorted(map(_luminance, (seen, below)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _parts(colour: str) -> list[float]:
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    assert colour.startswith("rgb"), colour
    return [*(number / 255 for number in numbers[:3]), *(numbers[3:] or [1.0])]


def _luminance(parts: list[float]) -> float:
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
