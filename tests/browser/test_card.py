"""The session as JupyterLab shows it, and Tab on a magic."""

import pytest
from playwright.sync_api import BrowserContext, expect
from support.browser.chromium import picture, sign_in_at_myid
from support.browser.notebook_page import WAIT, NotebookOpener

pytestmark = pytest.mark.browser

LOAD, SIGN_IN, CARD, STATUS, OPTIONS = range(5)


def test_card_and_tab(notebooks: NotebookOpener, context: BrowserContext) -> None:
    """A table with the operator, the time left and what to do; Tab offers only options."""
    notebook = notebooks.open(
        "card.ipynb",
        "%load_ext myid_notebook",
        "%myid_login --sandbox",
        "myid",
        "%myid_status",
        "%myid_login --po",
    )
    notebook.run_to_end(LOAD)
    notebook.run(SIGN_IN)
    with context.expect_page(timeout=WAIT) as opened:
        notebook.link(SIGN_IN).click(timeout=WAIT)
    sign_in_at_myid(opened.value)
    notebook.expect_end(SIGN_IN)

    notebook.run_to_end(CARD)
    notebook.run_to_end(STATUS)

    card = notebook.output(CARD).get_by_role("table")
    expect(card.get_by_role("rowheader", name="Signed in as")).to_be_visible()
    expect(card.get_by_role("row", name="Signed in as")).to_contain_text("Jane Doe")
    expect(card.get_by_role("row", name="Time left")).to_contain_text("60 minutes (until ")
    status = notebook.output(STATUS).get_by_role("table")
    expect(status.get_by_role("columnheader", name="time left")).to_be_visible()
    picture(notebook.page, "card")

    notebook.complete(OPTIONS)
    expect(notebook.page.locator(".jp-Completer-item")).to_have_count(1, timeout=WAIT)
    expect(notebook.page.locator(".jp-Completer-item")).to_contain_text("--post")
