"""The doctor's report in JupyterLab, in its light and dark themes."""

import pytest
from playwright.sync_api import Browser, expect
from support.browser.accessibility import axe_violations
from support.browser.chromium import picture
from support.browser.notebook_page import THEMES, WAIT, NotebookOpener, configure_lab
from support.jupyter.server import JupyterProcess
from support.machine.ports import free_port
from support.servers.sandbox import SandboxProcess, register

pytestmark = pytest.mark.browser


FAULTS = {
    "redirect-uri": "--redirect-uri http://localhost:8888/other",
    "client-id": "--client-id myid.nobody",
    "scope": "--scope myid.everything",
    "closed-port": "--server {nowhere}",
    "another-server": "--server {sandbox}/elsewhere",
    "none": "",
}
"""Options of the magic, by what is wrong with them."""

OPEN = "element => element.querySelectorAll('details').forEach(each => each.open = true)"


def test_report(browser: Browser, sandbox: SandboxProcess) -> None:
    """What is wrong stands first, the rest is folded; every word can be read in either theme."""
    jupyter = JupyterProcess("lab", arguments=[THEMES])
    jupyter.environ |= register(sandbox, f"{jupyter.url}myid/callback").environ
    configure_lab(jupyter)
    addresses = {"nowhere": f"http://127.0.0.1:{free_port()}", "sandbox": sandbox.url}
    sources = [f"%myid_doctor {options.format(**addresses)}".strip() for options in FAULTS.values()]
    with jupyter, browser.new_context(viewport={"width": 1180, "height": 900}) as window:
        notebooks = NotebookOpener(window, jupyter)
        notebook = notebooks.open("doctor.ipynb", "%load_ext myid_notebook", *sources)
        notebook.run_to_end(0)

        for index, fault in enumerate(FAULTS, start=1):
            notebook.run_to_end(index)
            output = notebook.output(index)
            expect(output.locator("b").first).to_be_visible(timeout=WAIT)
            output.scroll_into_view_if_needed()
            picture(notebook.page, f"doctor-{fault}")
            marks = output.get_by_text("✓ ok", exact=True)
            assert marks.count() > 3
            expect(marks.first).to_be_hidden()
            entry = output.locator("pre").first
            expect(entry).to_be_visible(visible=fault in {"redirect-uri", "client-id", "scope"})
            output.evaluate(OPEN)
            expect(marks.first).to_be_visible()
            output.evaluate("(element, name) => element.id = name", fault)
            assert [] == axe_violations(notebook.page, part=f"#{fault}")
            shown = output.inner_text()
            assert ("✗ problem" in shown) == (fault != "none")
            assert ("• note" in shown) == (fault != "closed-port")  # the other servers have no TLS
            heads = output.get_by_role("columnheader").all_inner_texts()
            assert {"Result", "Check", "Found"} == set(heads)
            assert output.get_by_role("rowheader", name="versions").count() == 1

        notebook.set_theme("Dark")
        for fault in ("redirect-uri", "none"):  # two of them have every colour
            assert [] == axe_violations(notebook.page, part=f"#{fault}")
            notebook.page.locator(f"#{fault}").scroll_into_view_if_needed()
            picture(notebook.page, f"doctor-dark-{fault}")
