"""The extension's page for pasting, which serves a notebook whose cell waits."""

import json

import requests
from support.browser.callback_page import CallbackPage, read_page
from support.browser.login_pages import finish_sign_in
from support.jupyter.kernel import ServedKernel
from support.jupyter.server import JupyterProcess
from support.machine.ports import free_port
from support.values.secrets import rendezvous_file


def _paste(jupyter: JupyterProcess, address: str, **fields: str) -> CallbackPage:
    with requests.Session() as browser:
        browser.trust_env = False
        browser.cookies.update(jupyter.cookies())
        url = f"{jupyter.url}myid/paste"
        assert "Paste the address" == read_page(browser.get(url, timeout=30)).title
        form = {"_xsrf": str(browser.cookies.get("_xsrf")), "address": address, **fields}
        return read_page(browser.post(url, data=form, timeout=30))


def _expect_form_again(page: CallbackPage, words: str) -> None:
    assert (200, "Paste the address") == (page.status, page.title)
    assert words in page.text
    assert "address of this page" not in page.text, "which is the form's own"


def test_stale_address(kernel: ServedKernel, jupyter: JupyterProcess) -> None:
    """An address of a sign-in that is over, unknown, on another machine or of a killed kernel, or
    with a repeated code, gets the form again with what is wrong; then the right one signs in.
    """
    over = finish_sign_in(kernel.submit("%myid_login over --no-wait").link())
    assert "Signed in to MyID" == _paste(jupyter, over).title
    cell = kernel.submit("%myid_login")
    address = finish_sign_in(cell.link())
    file = rendezvous_file(jupyter.runtime_dir, address)

    _expect_form_again(_paste(jupyter, over), "is finished or has expired")
    _expect_form_again(_paste(jupyter, address.replace("state=", "state=x")), "use its new link")
    _expect_form_again(_paste(jupyter, f"{address}&state=y"), "repeats a parameter")
    _expect_form_again(_paste(jupyter, f"{address}&code=other"), "repeats a parameter")
    without_code = address.replace("code=", "no=")
    _expect_form_again(_paste(jupyter, without_code), "is still waiting")
    members = json.loads(file.read_text(encoding="utf-8"))
    for changes, words in (
        ({"machine": "elsewhere"}, "runs on another machine"),
        ({"port": free_port()}, "was stopped or restarted"),
    ):
        file.write_text(json.dumps({**members, **changes}), encoding="utf-8")
        _expect_form_again(_paste(jupyter, address), words)
    file.write_text(json.dumps(members), encoding="utf-8")

    assert "Signed in to MyID" == _paste(jupyter, address).title
    assert [] == cell.finish().errors


def test_field_after_a_mistake(jupyter: JupyterProcess) -> None:
    """The field is marked as wrong, and its description is the mistake."""
    url = f"{jupyter.url}myid/paste"
    with requests.Session() as browser:
        browser.trust_env = False
        browser.cookies.update(jupyter.cookies())
        assert "aria-invalid" not in browser.get(url, timeout=30).text
        form = {"_xsrf": str(browser.cookies.get("_xsrf")), "address": "?state=x&code=c"}
        wrong = browser.post(url, data=form, timeout=30).text

    assert 'aria-invalid="true" aria-describedby="error"' in wrong
    assert '<p id="error" class="detail" role="alert">' in wrong


def test_form_of_another_site(jupyter: JupyterProcess) -> None:
    """A form that is not the page's own is refused: another site cannot sign anybody in."""
    assert 403 == _paste(jupyter, "http://localhost/?code=1&state=2", _xsrf="made-up").status


def test_without_a_jupyter_login(jupyter: JupyterProcess) -> None:
    """The page is for the signed-in Jupyter user only."""
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(f"{jupyter.url}myid/paste", allow_redirects=False, timeout=30)

    assert (302, True) == (answer.status_code, "/login" in answer.headers["Location"])
