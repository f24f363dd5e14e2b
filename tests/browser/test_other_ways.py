"""Other ways to and from MyID's pages in JupyterLab: a form instead of a link, pasting."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect
from support.browser.chromium import picture, sign_in_at_myid
from support.browser.login_pages import finish_sign_in
from support.browser.notebook_page import WAIT, NotebookOpener
from support.jupyter.cell import SIGNED_IN

pytestmark = pytest.mark.browser

LOAD_EXT = "%load_ext myid_notebook"
LOAD, SIGN_IN = range(2)


def test_request_by_form(notebooks: NotebookOpener, context: BrowserContext) -> None:
    """With --post a button sends the authorization request as a form, as MyID's guide does."""
    notebook = notebooks.open("post.ipynb", LOAD_EXT, "%myid_login --sandbox --post")
    notebook.run_to_end(LOAD)
    notebook.run(SIGN_IN)
    button = notebook.output(SIGN_IN).get_by_role("button", name="Sign in to MyID")
    expect(button).to_be_visible(timeout=WAIT)
    picture(notebook.page, "post-button")

    sent: list[tuple[str, str]] = []
    context.on("request", lambda request: sent.append((request.method, request.url)))
    with context.expect_page() as opened:
        button.click()
    tab = opened.value
    sign_in_at_myid(tab)
    (first,) = (each for each in sent if "/connect/authorize" in urlsplit(each[1]).path)
    assert ("POST", "") == (first[0], urlsplit(first[1]).query)

    expect(notebook.output(SIGN_IN)).to_contain_text(SIGNED_IN, timeout=WAIT)
    notebook.expect_end(SIGN_IN)


def test_paste_page_while_the_cell_waits(
    notebooks: NotebookOpener, context: BrowserContext
) -> None:
    """The waiting cell leads to a page that takes the address, without starting over."""
    notebook = notebooks.open("paste.ipynb", LOAD_EXT, "%myid_login --sandbox")
    notebook.run_to_end(LOAD)
    notebook.run(SIGN_IN)
    expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)
    address = finish_sign_in(str(notebook.link(SIGN_IN).get_attribute("href")))
    picture(notebook.page, "paste-1-link")

    with context.expect_page() as opened:
        notebook.output(SIGN_IN).get_by_role("link", name="Paste its address here").click()
    tab = opened.value
    tab.get_by_label("Address of that page").fill("https://example.com/wrong")
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("alert")).to_contain_text("it contains no state")
    picture(tab, "paste-2-page")
    tab.get_by_label("Address of that page").fill(f" {address}#_=_ ")
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("heading")).to_have_text("Signed in to MyID")

    expect(notebook.output(SIGN_IN)).to_contain_text(SIGNED_IN, timeout=WAIT)
    notebook.expect_end(SIGN_IN)
    code = address.partition("code=")[2].partition("&")[0]
    assert code not in str(notebook.saved("Signed in as Jane Doe"))
