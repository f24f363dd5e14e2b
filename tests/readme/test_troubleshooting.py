"""The page of symptoms quotes what the screen says."""

import re

import pytest
from support.texts import ROOT, module_texts

PAGE = ROOT / "docs" / "troubleshooting.md"

NOT_SEARCHED = {
    "HTTP Error 500.30",  # IIS
    "as two different sites",  # the rest are ours, put together from parts
    "No MyID server is set",
    "Your MyID session has expired.",
}

QUOTED = re.findall(
    r"“([^”]+)”",
    "\n".join(
        line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| ")
    ),
)


@pytest.fixture(scope="module")
def texts() -> str:
    """All texts of the package, the sandbox's included, which has MyID's."""
    modules = sorted((ROOT / "myid_notebook").rglob("*.py"))
    return "\n".join(each.text for module in modules for each in module_texts(module))


@pytest.mark.parametrize("quoted", QUOTED)
def test_quotation(quoted: str, texts: str) -> None:
    """Each quotation is a part of a message; what is put in between is left out."""
    assert quoted in NOT_SEARCHED or quoted.rstrip(".") in texts


def test_the_page_is_read() -> None:
    """There are quotations to look at."""
    assert len(QUOTED) > 20
