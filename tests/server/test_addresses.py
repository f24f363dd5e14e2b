"""What the extension's two addresses answer to whoever has no sign-in."""

import pytest
from support.browser.callback_page import CallbackPage, open_page
from support.browser.jupyter_requests import LoggedBrowser
from support.jupyter.server import JupyterProcess
from support.machine.threads import LoopThread
from support.servers.listener import RELAY_KEY, ServedListener

from myid_notebook.callback import pages
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.pages import HEADERS
from myid_notebook.callback.rendezvous import Rendezvous


def assert_headers(expected: dict[str, str], page: CallbackPage) -> None:
    """Expect headers of a page, whatever others there are."""
    assert expected == {name: page.headers.get(name) for name in expected}


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        ("", 404, "Nothing to do here"),
        ("?code=x", 400, "This is not a response from MyID"),
        ("?code=x&state=nobodys", 404, "This sign-in link is no longer active"),
        ("?code=x&state=..%2F..%2Fetc", 404, "This sign-in link is no longer active"),
        ("?code=x&state=" + "s" * 30_000, 400, "This response was rejected"),
    ],
)
def test_address_without_a_sign_in(
    jupyter: JupyterProcess, query: str, status: int, title: str
) -> None:
    """An address that no pending sign-in belongs to gets a page that says so."""
    page = open_page(f"{jupyter.url}myid/callback{query}", cookies=jupyter.cookies())

    assert (status, title) == (page.status, page.title)
    assert_headers(HEADERS, page)


@pytest.mark.parametrize("outcome", Outcome)
def test_headers_of_every_outcome(
    jupyter: JupyterProcess, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    """Whatever a kernel says of a redirect, its page loads nothing and its address goes nowhere."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(jupyter.runtime_dir))
    verdict = Verdict(outcome=outcome, detail="in words")
    with LoopThread() as loop, ServedListener(loop, verdict=verdict) as listener:
        rendezvous = Rendezvous(port=listener.relay_port, key=RELAY_KEY, valid_until=4e9)
        file = rendezvous.write(f"state-of-{outcome.value}")
        query = f"code=x&state=state-of-{outcome.value}"
        page = open_page(f"{jupyter.url}myid/callback?{query}", cookies=jupyter.cookies())
        file.unlink()

    assert [query] == listener.heard
    assert (outcome.status, outcome.title) == (page.status, page.title)
    assert_headers(HEADERS, page)


def test_headers_of_the_paste_page(jupyter: JupyterProcess) -> None:
    """The page for pasting, and each page that follows it."""
    browser = LoggedBrowser(jupyter)
    form = browser.open(f"{jupyter.url}myid/paste")
    refused, unknown = browser.paste("no answer"), browser.paste("?code=x&state=s")

    assert "Paste the address" == form.title
    assert_headers(pages.PASTE_HEADERS, form)
    assert "it contains no state" in refused.text
    assert_headers(pages.PASTE_HEADERS, refused)
    assert "sign-in that is finished or has expired" in unknown.text
    assert_headers(pages.PASTE_HEADERS, unknown)
