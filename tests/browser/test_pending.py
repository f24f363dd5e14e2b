"""A pending sign-in: saved, reopened, reloaded, read aloud, and reached from another site."""

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.browser.accessibility import axe_violations
from support.browser.chromium import picture, sign_in_at_myid
from support.browser.notebook_page import (
    LAB,
    WAIT,
    NotebookOpener,
    NotebookPage,
    configure_lab,
)
from support.jupyter.cell import SIGNED_IN
from support.jupyter.server import JupyterProcess
from support.machine.threads import wait_until
from support.servers.sandbox import SandboxProcess, register

from myid_notebook.callback import pages
from myid_notebook.callback.outcome import Outcome, Verdict

pytestmark = pytest.mark.browser

LOAD, SIGN_IN = range(2)
PENDING = "A MyID sign-in was pending when this notebook was saved."
SCHEMES = [("light", 1180), ("dark", 320)]


def pending(notebooks: NotebookOpener, name: str, options: str = "") -> NotebookPage:
    """Open a notebook whose cell waits for a sign-in."""
    notebook = notebooks.open(name, "%load_ext myid_notebook", f"%myid_login --sandbox {options}")
    notebook.run_to_end(LOAD)
    notebook.run(SIGN_IN)
    expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)
    return notebook


def test_saved_and_reopened(
    context: BrowserContext, lab: JupyterProcess, notebooks: NotebookOpener
) -> None:
    """A notebook saved while sign-ins are pending holds no link and no widget; opened again it says
    what was, in words, and the notebook that is still open works on.
    """
    name = "pending.ipynb"
    login = "%myid_login --sandbox"
    sources = (f"{login} other --no-wait", login)
    notebook = notebooks.open(name, "%load_ext myid_notebook", *sources)
    not_waiting, waiting = range(1, 3)
    for index in range(3):
        notebook.run(index)
    for index in (not_waiting, waiting):
        expect(notebook.link(index)).to_be_visible(timeout=WAIT)

    saved = json.dumps(notebook.saved(PENDING, times=2)["cells"])

    assert "connect/authorize" not in saved
    assert "widget-view" not in saved
    reopened = context.new_page()
    reopened.goto(f"{lab.url}{LAB.path}{name}?token={lab.token}")
    for index in (not_waiting, waiting):
        output = reopened.locator(f"{LAB.cell} {LAB.output}").nth(index)
        expect(output).to_contain_text(PENDING, timeout=WAIT)
        expect(output.get_by_role("link")).to_have_count(0)
        expect(output.get_by_role("button")).to_have_count(0)
        expect(output).not_to_contain_text("Error displaying widget")
    picture(reopened, "pending-reopened")
    reopened.close()
    for index in (not_waiting, waiting):
        with context.expect_page() as opened:
            notebook.link(index).click()
        sign_in_at_myid(opened.value)
        expect(notebook.output(index)).to_contain_text("Signed in as Jane Doe", timeout=WAIT)


WATCH = """
() => {
  window.heard = [];
  const look = () => {
    const found = [...document.querySelectorAll("[role=status], [aria-live]")];
    const text = found.map(each => each.textContent).filter(each => /sign/i.test(each)).join("|");
    if (window.heard.at(-1) !== text) window.heard.push(text);
  };
  new MutationObserver(look).observe(document, {childList: true, subtree: true,
    characterData: true});
  look();
}
"""
"""Keeps what the live regions say of a sign-in, each time it changes."""


def test_read_aloud(notebooks: NotebookOpener, context: BrowserContext) -> None:
    """A screen reader hears of the sign-in at three moments, while the time left changes every
    second; the focus of whoever followed the link stays in the output.
    """
    notebook = pending(notebooks, "aloud.ipynb", "--timeout 63")
    status = notebook.output(SIGN_IN).get_by_role("status")
    expect(status).to_have_text("Waiting for you to sign in.", timeout=WAIT)
    notebook.page.evaluate(WATCH)
    expect(status).to_have_text("One minute left to sign in to MyID.", timeout=WAIT)
    expect(notebook.output(SIGN_IN).get_by_text("0:5")).to_be_visible(timeout=WAIT)
    notebook.link(SIGN_IN).focus()
    with context.expect_page() as opened:
        notebook.page.keyboard.press("Enter")
    sign_in_at_myid(opened.value)
    expect(notebook.output(SIGN_IN)).to_contain_text(SIGNED_IN, timeout=WAIT)

    heard = notebook.page.evaluate("window.heard.filter(each => each)")
    assert ["Waiting", "One minute", "Signed in as"] == [
        start
        for text in heard
        for start in ("Waiting", "One minute", "Signed in as")
        if text.startswith(start)
    ]
    assert 3 == len(heard)
    inside = "document.activeElement.closest('.jp-OutputArea')?.textContent"
    assert "Signed in as Jane Doe" in (notebook.page.evaluate(inside) or "")


def test_while_pending(notebooks: NotebookOpener, context: BrowserContext) -> None:
    """The small print is not below 12 pixels, links say that they open a tab, and the button keeps
    its shape where the system's colours replace ours. The time left goes down, second by second;
    the focus of whoever works on elsewhere in the notebook stays where it is.
    """
    notebook = pending(notebooks, "while-pending.ipynb")
    output = notebook.output(SIGN_IN)
    size = output.get_by_text("To cancel").evaluate("e => getComputedStyle(e).fontSize")
    assert float(size.removesuffix("px")) >= 12
    links = output.get_by_role("link").all()
    assert len(links) == 2
    for link in links:
        expect(link).to_have_accessible_name(re.compile(r"\(opens a new tab\)$"))
        assert "↗" in link.inner_text()
    notebook.page.emulate_media(forced_colors="active")
    style = "e => [getComputedStyle(e).borderTopStyle, getComputedStyle(e).borderTopWidth]"
    assert ["solid", "1px"] == notebook.link(SIGN_IN).evaluate(style)
    picture(notebook.page, "forced-colours")

    status = output.get_by_text("left.")
    seen = {status.inner_text()}
    wait_until(lambda: seen.add(status.inner_text()) or len(seen) >= 3)
    assert all(re.search(r"sign in: [45]:\d\d left", line) for line in seen)

    with context.expect_page() as opened:
        notebook.link(SIGN_IN).click()
    notebook.page.locator(f"{LAB.cell} {LAB.editor}").first.click()
    sign_in_at_myid(opened.value)
    expect(output).to_contain_text(SIGNED_IN, timeout=WAIT)
    assert notebook.page.evaluate("document.activeElement.closest('.cm-content') !== null")


def test_axe_in_the_notebook(notebooks: NotebookOpener) -> None:
    """axe-core finds nothing in the output, neither while pending nor at the end: with --no-wait
    the Cancel button ends the sign-in, and its link is gone.
    """
    notebook = pending(notebooks, "axe.ipynb", "--no-wait")
    output, page = notebook.output(SIGN_IN), notebook.page
    expect(output.get_by_role("button", name="Cancel")).to_be_visible(timeout=WAIT)
    output.evaluate("e => e.id = 'ours'")
    assert [] == axe_violations(page, part="#ours")
    picture(page, "link-light")
    notebook.set_theme("Dark")
    assert [] == axe_violations(page, part="#ours")
    picture(page, "link-dark")
    output.get_by_role("button", name="Cancel").click()
    expect(output).to_contain_text("Not signed in.")
    expect(notebook.link(SIGN_IN)).to_have_count(0)
    for theme in ("Dark", "Light"):
        notebook.set_theme(theme)
        assert [] == axe_violations(page, part="#ours")


def look(page: Page, name: str) -> list[str]:
    """Return what axe-core finds in a page, light and wide, dark and narrow, and take pictures."""
    found: list[str] = []
    for scheme, width in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 820})
        found += axe_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "scrolls sideways"
        picture(page, f"{name}-{scheme}-{width}")
    return found


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab for all tests."""
    with browser.new_context() as window:
        yield window.new_page()


@pytest.mark.parametrize("outcome", Outcome, ids=lambda outcome: outcome.value)
def test_axe_on_callback_pages(tab: Page, outcome: Outcome) -> None:
    """axe-core finds nothing in the page of any outcome."""
    verdict = Verdict(outcome=outcome, detail="https://myid.example.com/" + "a" * 200)
    tab.set_content(pages.render_verdict(verdict).decode())

    assert [] == look(tab, f"callback-{outcome.value}")


def test_axe_on_the_page_for_pasting(context: BrowserContext, lab: JupyterProcess) -> None:
    """axe-core finds nothing in it, before and after a mistake."""
    page = context.new_page()
    page.goto(f"{lab.url}myid/paste?token={lab.token}")
    assert [] == look(page, "paste")
    field = page.get_by_label("Address of that page")
    field.fill("https://example.com/?state=x&code=y")
    expect(field).to_have_attribute("type", "password")
    page.get_by_label("Show the address").check()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("finished or has expired")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("finished or has expired"))
    expect(field).to_have_attribute("type", "password")
    assert [] == look(page, "paste-wrong")


def test_cookies_that_other_sites_do_not_send(browser: Browser, sandbox: SandboxProcess) -> None:
    """With SameSite=Strict the browser comes from MyID without Jupyter's cookie, and a reload does
    not change that; the page's own link does, and leaves no code in the address.
    """
    strict = ["--IdentityProvider.cookie_options={'samesite': 'Strict'}"]
    jupyter = JupyterProcess("lab", arguments=strict)
    client = register(sandbox, f"{jupyter.url}myid/callback")
    jupyter.environ |= client.environ
    configure_lab(jupyter)
    with jupyter, browser.new_context() as context:
        notebook = NotebookOpener(context, jupyter).open(
            "strict.ipynb", "%load_ext myid_notebook", "%myid_login"
        )
        notebook.run_to_end(LOAD)
        notebook.run(SIGN_IN)
        with context.expect_page() as opened:
            notebook.link(SIGN_IN).click()
        tab = opened.value
        sign_in_at_myid(tab)
        heading = tab.get_by_role("heading")
        expect(heading).to_have_text("Sign in to Jupyter in this browser first")
        assert urlsplit(sandbox.url).hostname != urlsplit(tab.url).hostname, "two sites"
        code = dict(parse_qsl(urlsplit(tab.url).query))["code"]
        picture(tab, "strict-cookies")
        tab.reload()
        expect(heading).to_have_text("Sign in to Jupyter in this browser first")
        tab.get_by_role("link", name="Continue to your notebook").click()
        expect(heading).to_have_text("Signed in to MyID")
        assert "" == urlsplit(tab.url).query
        expect(notebook.output(SIGN_IN)).to_contain_text(SIGNED_IN, timeout=WAIT)
        assert code not in jupyter.log
