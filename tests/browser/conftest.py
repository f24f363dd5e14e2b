"""A browser, and a JupyterLab whose kernels know the sandbox."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from support.browser import chromium, picture
from support.desk import Desk
from support.jupyter_process import JupyterProcess
from support.notebook_page import configure_lab
from support.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; not for longer than a module, for its event loop would be in others' way."""
    with chromium() as running:
        yield running


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A window of its own, with cookies of its own; its tabs are kept as pictures at the end."""
    with browser.new_context(viewport={"width": 1180, "height": 820}) as window:
        yield window
        for number, page in enumerate(window.pages, start=1):
            picture(page, f"end-of-{request.node.name}-{number}")


@pytest.fixture(scope="module")
def lab(sandbox_process: SandboxProcess) -> Iterator[JupyterProcess]:
    """JupyterLab."""
    environ = {"MYID_SANDBOX_URL": sandbox_process.url}
    jupyter = JupyterProcess("lab", environ=environ)
    configure_lab(jupyter)
    with jupyter:
        yield jupyter


@pytest.fixture
def desk(context: BrowserContext, lab: JupyterProcess) -> Iterator[Desk]:
    """Opens notebooks; their kernels end with the test."""
    yield Desk(context, lab)
    for session in lab.ask("GET", "api/sessions").json():
        lab.ask("DELETE", f"api/sessions/{session['id']}")
