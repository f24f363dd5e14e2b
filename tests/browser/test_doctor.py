"""The doctor's report in JupyterLab, in its light and dark themes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser.accessibility import axe_violations
from support.browser.chromium import picture
from support.browser.notebook_page import WAIT, NotebookOpener, configure_lab
from support.jupyter.server import JupyterProcess
from support.machine.ports import free_port
from support.servers.sandbox import SandboxProcess, register

pytestmark = pytest.mark.browser


@pytest.fixture(params=["Light", "Dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """One of JupyterLab's own."""
    return str(request.param)


@pytest.fixture
def themed_lab(sandbox: SandboxProcess, theme: str) -> Iterator[JupyterProcess]:
    """JupyterLab in that theme, whose callback is registered with the sandbox."""
    jupyter = JupyterProcess("lab")
    jupyter.environ |= register(sandbox, f"{jupyter.url}myid/callback").environ
    configure_lab(jupyter, theme=f"JupyterLab {theme}")
    with jupyter:
        yield jupyter


@pytest.fixture
def pages(
    browser: Browser, themed_lab: JupyterProcess, theme: str
) -> Iterator[tuple[NotebookOpener, str]]:
    """Opens notebooks there; and a name for their pictures."""
    with browser.new_context(viewport={"width": 1180, "height": 900}) as window:
        yield NotebookOpener(window, themed_lab), f"doctor-{theme.lower()}"


def _unfold(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => each.open = true)")


def test_report(pages: tuple[NotebookOpener, str], sandbox: SandboxProcess, theme: str) -> None:
    """What is wrong stands first, the rest is folded; every word can be read in either theme."""
    notebooks, name = pages
    nowhere = f"http://127.0.0.1:{free_port()}"
    faults = {
        "redirect-uri": "--redirect-uri http://localhost:8888/other",
        "client-id": "--client-id myid.nobody",
        "scope": "--scope myid.everything",
        "closed-port": f"--server {nowhere}",
        "another-server": f"--server {sandbox.url}/elsewhere",
        "none": "",
    }
    if theme == "Dark":  # two of them have every colour
        faults = {name: faults[name] for name in ("redirect-uri", "none")}
    sources = [f"%myid_doctor {options}".strip() for options in faults.values()]
    notebook = notebooks.open("doctor.ipynb", "%load_ext myid_notebook", *sources)
    notebook.run_to_end(0)

    for index, fault in enumerate(faults, start=1):
        notebook.run_to_end(index)
        output = notebook.output(index)
        expect(output.locator("b").first).to_be_visible(timeout=WAIT)
        output.scroll_into_view_if_needed()
        picture(notebook.page, f"{name}-{fault}")
        marks = output.get_by_text("✓ ok", exact=True)
        assert marks.count() > 3
        expect(marks.first).to_be_hidden()
        entry = output.locator("pre").first
        expect(entry).to_be_visible(visible=fault in {"redirect-uri", "client-id", "scope"})
        _unfold(notebook.page)
        expect(marks.first).to_be_visible()
        output.evaluate("(element, name) => element.id = name", fault)
        assert [] == axe_violations(notebook.page, part=f"#{fault}")
        shown = output.inner_text()
        assert ("✗ problem" in shown) == (fault != "none")
        assert ("• note" in shown) == (fault != "closed-port")  # the other servers have no TLS
        heads = output.get_by_role("columnheader").all_inner_texts()
        assert {"Result", "Check", "Found"} == set(heads)
        assert output.get_by_role("rowheader", name="versions").count() == 1
        picture(notebook.page, f"{name}-{fault}-unfolded")
