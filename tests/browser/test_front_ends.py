"""Signing in from Jupyter's other user interfaces."""

import pytest
from playwright.sync_api import Browser, expect
from support.browser.chromium import picture, sign_in_at_myid
from support.browser.notebook_page import (
    NBCLASSIC,
    NOTEBOOK,
    WAIT,
    FrontEnd,
    NotebookOpener,
    configure_lab,
)
from support.jupyter.cell import SIGNED_IN
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import SandboxProcess

pytestmark = pytest.mark.browser

LOAD, SIGN_IN = range(2)


@pytest.mark.parametrize("front_end", [NOTEBOOK, NBCLASSIC], ids=lambda front_end: front_end.app)
def test_front_end(browser: Browser, sandbox: SandboxProcess, front_end: FrontEnd) -> None:
    """The link opens MyID in a tab of its own; after signing in the cell says who is signed in.

    Jupyter Notebook has no extension for widgets here: the link is there and works all the same.
    """
    jupyter = JupyterProcess(front_end.app, environ={"MYID_SANDBOX_URL": sandbox.url})
    configure_lab(jupyter, widgets=False)
    with jupyter, browser.new_context() as context:
        notebooks = NotebookOpener(context, jupyter, front_end)
        notebook = notebooks.open("a.ipynb", "%load_ext myid_notebook", "%myid_login --sandbox")
        notebook.run_to_end(LOAD)
        notebook.run(SIGN_IN)
        expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)
        if front_end is NOTEBOOK:
            expect(notebook.output(SIGN_IN).get_by_role("button")).to_have_count(0)
        picture(notebook.page, f"{front_end.app}-link")
        with context.expect_page() as opened:
            notebook.link(SIGN_IN).click()
        sign_in_at_myid(opened.value)
        expect(opened.value.get_by_role("heading")).to_have_text("Signed in to MyID")
        expect(notebook.output(SIGN_IN)).to_contain_text(SIGNED_IN, timeout=WAIT)
        picture(notebook.page, f"{front_end.app}-signed-in")
