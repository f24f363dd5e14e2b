"""The extension's page for pasting, which serves a notebook whose cell waits."""

import requests
from support.browser.callback_page import CallbackPage, read_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import Registration


def _paste(jupyter: JupyterProcess, address: str, **fields: str) -> CallbackPage:
    with requests.Session() as browser:
        browser.trust_env = False
        browser.cookies.update(jupyter.cookies())
        url = f"{jupyter.url}myid/paste"
        assert "Paste the address" == read_page(browser.get(url, timeout=30)).title
        form = {"_xsrf": str(browser.cookies.get("_xsrf")), "address": address, **fields}
        return read_page(browser.post(url, data=form, timeout=30))


def test_pasted_address_signs_in(
    kernel: ServedKernel, jupyter: JupyterProcess, callback: Registration
) -> None:
    """While the cell waits, an address pasted into the page does what the redirect would."""
    assert callback.redirect_uri
    cell = kernel.submit("%myid_login")
    address = finish_sign_in(cell.link())

    refused = _paste(jupyter, "https://example.com/without/an/answer")
    assert "it contains no state" in refused.text
    unknown = _paste(jupyter, address.replace("state=", "state=x"))
    assert "This sign-in link is no longer active" == unknown.title

    assert "Signed in to MyID" == _paste(jupyter, f" {address}#_=_ ").title
    assert "Signed in as Jane Doe" in cell.finish().shown


def test_form_of_another_site(jupyter: JupyterProcess) -> None:
    """A form that is not the page's own is refused: another site cannot sign anybody in."""
    assert 403 == _paste(jupyter, "http://localhost/?code=1&state=2", _xsrf="made-up").status


def test_without_a_jupyter_login(jupyter: JupyterProcess) -> None:
    """The page is for the signed-in Jupyter user only."""
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(f"{jupyter.url}myid/paste", allow_redirects=False, timeout=30)

    assert (302, True) == (answer.status_code, "/login" in answer.headers["Location"])
