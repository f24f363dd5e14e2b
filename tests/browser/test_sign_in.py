"""Signing in from JupyterLab, with a browser, as a person does."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.browser.chromium import picture, sign_in_at_myid
from support.browser.notebook_page import WAIT, NotebookOpener, NotebookPage
from support.jupyter.cell import SIGNED_IN
from support.machine.ports import free_port

pytestmark = pytest.mark.browser

FIRST_NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01-sign-in.ipynb"
LOAD, SIGN_IN, SEARCH = range(3)
"""The first code cells of every notebook here."""
CARD, STATUS = 7, 8
"""Two of the first notebook."""

UNKNOWN_MODEL = "import ipywidgets\nipywidgets.VBox.model_id = property(lambda _: '0' * 32)"
"""What a front end sees of a widget that it cannot make, as with jupyterlab_widgets 1."""


def test_first_notebook(notebooks: NotebookOpener, context: BrowserContext) -> None:
    """From opening the first notebook to an answer: the link, MyID's pages, the callback page, and
    back in the notebook the line that says who is signed in; then a search has people, and the card
    the operator and the time left. Saved with its widgets' state, the notebook holds no link and
    nothing else of the sign-in. Tab on the magic offers only options.
    """
    notebook = notebooks.open_copy(FIRST_NOTEBOOK)
    notebook.run_to_end(LOAD)
    notebook.run(SIGN_IN)
    expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)
    picture(notebook.page, "lab-1-link")

    address = notebook.link(SIGN_IN).get_attribute("href") or ""
    tab = _opened(notebook, context)
    with tab.expect_request("**/myid/callback?*") as arrived:
        sign_in_at_myid(tab, pictures="lab-2-myid")
    expect(tab.get_by_role("heading")).to_have_text("Signed in to MyID")
    picture(tab, "lab-3-callback")
    callback = arrived.value.url
    assert callback.partition("?")[0] == tab.url, "the page keeps neither code nor state"
    tab.close()

    expect(notebook.output(SIGN_IN)).to_contain_text(SIGNED_IN, timeout=WAIT)
    expect(notebook.link(SIGN_IN)).to_have_count(0)
    notebook.expect_end(SIGN_IN)
    notebook.run_to_end(SEARCH)
    expect(notebook.output(SEARCH)).to_contain_text("logonName")
    picture(notebook.page, "lab-4-signed-in")
    picture(notebook.page, "signed-in", part=".jp-NotebookPanel")
    notebook.run_to_end(CARD)
    notebook.run_to_end(STATUS)
    card = notebook.output(CARD).get_by_role("table")
    expect(card.get_by_role("row", name="Signed in as")).to_contain_text("Jane Doe")
    expect(card.get_by_role("row", name="Time left")).to_contain_text(" minutes (until ")
    status = notebook.output(STATUS).get_by_role("table")
    expect(status.get_by_role("columnheader", name="time left")).to_be_visible()
    picture(notebook.page, "card")

    saved = json.dumps(notebook.saved("Signed in as Jane Doe"))
    values = [value for url in (address, callback) for _, value in parse_qsl(urlsplit(url).query)]
    secrets = [value for value in values if len(value) > 40]
    assert len(secrets) >= 4, "state and challenge, code and state again"
    assert [value for value in secrets if value in saved] == []
    assert "connect/authorize" not in saved

    notebook.complete(SIGN_IN, " --po")
    expect(notebook.page.locator(".jp-Completer-item")).to_have_count(1, timeout=WAIT)
    expect(notebook.page.locator(".jp-Completer-item")).to_contain_text("--post")


def test_denied(notebooks: NotebookOpener, context: BrowserContext) -> None:
    """Cancel at MyID shows a page that says so, and ends the cell with one line of error."""
    notebook = _pending(notebooks, "denied.ipynb")
    tab = _opened(notebook, context)
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.get_by_role("heading")).to_have_text("Not signed in")
    picture(tab, "denied-callback")
    notebook.expect_end(SIGN_IN)
    error = notebook.output(SIGN_IN).locator("[data-mime-type='application/vnd.jupyter.stderr']")
    expect(error).to_contain_text("SignInDenied")
    assert len(error.inner_text().strip().splitlines()) == 1
    picture(notebook.page, "denied-notebook")


PUBLIC_CLIENT = """%load_ext myid_notebook
import os
os.environ["MYID_CLIENT_ID"], os.environ["MYID_CLIENT_AUTHENTICATION"] = "myid.notebook", "none"
"""


def test_fault_below_the_link(notebooks: NotebookOpener) -> None:
    """What keeps a sign-in from working stands below its link, once, with widgets and without."""
    login = f"%myid_login {{name}} --no-wait --server http://127.0.0.1:{free_port()}"
    logins = [login.format(name="one"), f"{UNKNOWN_MODEL}\n{login.format(name='two')}"]
    notebook = notebooks.open("fault.ipynb", PUBLIC_CLIENT, *logins)
    notebook.run_to_end(LOAD)
    for index, widgets in enumerate((True, False), start=1):
        notebook.run_to_end(index)
        fault = notebook.output(index).get_by_text("This sign-in will fail. 127.0.0.1:")
        visible = fault.locator("visible=true")

        expect(visible).to_have_count(1, timeout=WAIT)
        expect(visible).to_contain_text("Check MYID_SERVER")
        assert widgets == ("left." in visible.inner_text())
        expect(notebook.link(index)).to_be_visible()
        picture(notebook.page, f"fault-widgets-{widgets}")


def test_old_widget_manager(notebooks: NotebookOpener, context: BrowserContext) -> None:
    """Where the front end's widgets do not fit the kernel's, the link is there and works."""
    notebook = notebooks.open(
        "old-widgets.ipynb", f"%load_ext myid_notebook\n{UNKNOWN_MODEL}", "%myid_login --sandbox"
    )
    notebook.run_to_end(LOAD)
    notebook.run(SIGN_IN)
    expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)
    expect(notebook.output(SIGN_IN).get_by_text("model not found")).to_be_visible(timeout=WAIT)
    picture(notebook.page, "old-widgets-link")
    sign_in_at_myid(_opened(notebook, context))
    expect(notebook.output(SIGN_IN)).to_contain_text(SIGNED_IN, timeout=WAIT)
    expect(notebook.output(SIGN_IN).get_by_text("model not found")).to_have_count(0)
    picture(notebook.page, "old-widgets-signed-in")


def _pending(notebooks: NotebookOpener, name: str) -> NotebookPage:
    notebook = notebooks.open(name, "%load_ext myid_notebook", "%myid_login --sandbox")
    notebook.run_to_end(LOAD)
    notebook.run(SIGN_IN)
    expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)
    return notebook


def _opened(notebook: NotebookPage, context: BrowserContext) -> Page:
    with context.expect_page() as opened:
        notebook.link(SIGN_IN).click()
    return opened.value
