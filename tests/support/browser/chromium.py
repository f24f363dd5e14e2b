"""A real Chromium, and what a person sees in it, kept as pictures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

RESULTS = Path(__file__).parents[3] / "test-results"
"""Where the pictures go; not under version control."""

JANES_ANSWERS = {
    "What is your favourite colour?": "blue",
    "What was the name of your first pet?": "rover",
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium without a window."""
    executable = shutil.which("chromium")
    assert executable, "chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


def picture(page: Page, name: str, *, part: str = "") -> None:
    """Keep what a page, or a part of it, looks like now.

    Args:
        name: of the file, without its ending.
        part: a CSS selector; empty for the whole page.
    """
    RESULTS.mkdir(exist_ok=True)
    shown = page.locator(part) if part else page
    shown.screenshot(path=RESULTS / f"{name}.png")


def sign_in_at_myid(page: Page, pictures: str = "") -> None:
    """Sign in as Jane Doe by security questions, answering what is asked.

    Args:
        page: MyID's first page.
        pictures: the beginning of the names of pictures; empty for none.
    """
    if pictures:
        picture(page, f"{pictures}-choice")
    page.get_by_role("button", name="Security Questions").click()
    page.get_by_label("Username").fill("jane.doe")
    page.get_by_role("button", name="Next").click()
    for question, answer in JANES_ANSWERS.items():
        page.get_by_label(question).fill(answer)
    if pictures:
        picture(page, f"{pictures}-questions")
    page.get_by_role("button", name="Sign In").click()
