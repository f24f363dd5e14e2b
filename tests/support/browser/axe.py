"""Accessibility faults of a page, found by axe-core."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

_RUN = """
async (part) => {
  const context = part ? document.querySelector(part) : document;
  const {violations} = await axe.run(context, {resultTypes: ["violations"]});
  return violations.map(each =>
    [each.id, each.help, ...each.nodes.map(node => node.html + " " + node.failureSummary)]);
}
"""


def axe_violations(page: Page, part: str = "") -> list[Any]:
    """Return the faults that axe-core finds: rule, meaning and elements.

    Args:
        page: any page. axe runs beside the page's own scripts, so its policy does not stop it.
        part: a CSS selector; empty for the whole page.
    """
    axe = files("axe_playwright_python") / "axe.min.js"
    page.evaluate(axe.read_text(encoding="utf-8"))
    found: list[Any] = page.evaluate(_RUN, part)
    return found
