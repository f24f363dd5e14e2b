"""A browser, and a JupyterLab whose kernels know the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import SandboxProcess

if find_spec("playwright"):  # without it tests/conftest.py skips what is in this folder
    from playwright.sync_api import Browser, BrowserContext
    from support.browser.chromium import chromium, picture
    from support.browser.notebook_page import THEMES, NotebookOpener, configure_lab


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
    jupyter = JupyterProcess("lab", environ=environ, arguments=[THEMES])
    configure_lab(jupyter)
    with jupyter:
        yield jupyter


@pytest.fixture
def notebooks(context: BrowserContext, lab: JupyterProcess) -> Iterator[NotebookOpener]:
    """Opens notebooks; their kernels end with the test."""
    yield NotebookOpener(context, lab)
    for session in lab.ask("GET", "api/sessions").json():
        lab.ask("DELETE", f"api/sessions/{session['id']}")
