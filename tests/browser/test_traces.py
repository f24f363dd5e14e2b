"""What a sign-in leaves behind in the browser itself."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Request, expect, sync_playwright
from support.browser.callback_page import open_page
from support.browser.chromium import sign_in_at_myid
from support.browser.login_pages import finish_sign_in
from support.browser.notebook_page import WAIT
from support.jupyter.kernel import LocalKernel
from support.servers.http_server import RecordingServer
from support.servers.sandbox import SandboxProcess, register
from support.values.secrets import files_below, forms

pytestmark = pytest.mark.browser


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """The folder in which a browser keeps what it remembers."""
    return tmp_path / "profile"


@pytest.fixture
def remembering(profile: Path) -> Iterator[BrowserContext]:
    """A browser that remembers, as a person's own does."""
    executable = shutil.which("chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch_persistent_context(profile, executable_path=executable)


def test_page_tells_nobody(
    remembering: BrowserContext, profile: Path, sandbox: SandboxProcess
) -> None:
    """The callback page asks for nothing, leaves no query in the address bar or the tab, and the
    next page does not learn where the browser was. What the history keeps is of no use: the code
    is spent, the state answered. Token, secret, verifier and relay key never were in the browser.
    """
    asked: list[Request] = []
    remembering.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright takes no built-in
    with RecordingServer(sandbox.url) as passing_on:
        client = register(sandbox)
        token_url = f"{passing_on.url}/web.oauth2/connect/token"
        with LocalKernel({**client.environ, "MYID_TOKEN_URL": token_url}) as kernel:
            cell = kernel.submit("%load_ext myid_notebook\n%myid_login")
            tab = remembering.new_page()
            tab.goto(cell.link())
            (file,) = (kernel.runtime_dir / "myid-notebook").iterdir()
            relay_key = json.loads(file.read_bytes())["key"]
            sign_in_at_myid(tab)
            expect(tab.get_by_role("heading")).to_have_text("Signed in to MyID", timeout=WAIT)
            assert [] == cell.finish().errors
        exchange = next(each for each in passing_on.recorded if "code_verifier" in each.form)
    redirect = asked[-1].url
    assert "code=" in redirect
    assert redirect.partition("?")[0] == tab.url == client.redirect_uri

    with tab.expect_navigation():
        tab.evaluate(f"location.href = '{sandbox.url}/web.oauth2/.well-known/openid-configuration'")
    assert redirect == asked[-2].url
    assert "referer" not in asked[-1].all_headers()

    remembering.close()
    kept = b"".join(files_below(profile).values())
    never = {
        "token": json.loads(exchange.answer)["access_token"],
        "client secret": client.client_secret,
        "verifier": exchange.form["code_verifier"],
        "relay key": relay_key,
    }
    assert parse_qs(urlsplit(redirect).query)["code"][0].encode() in kept  # documented
    assert [] == [n for n, s in never.items() if any(form.encode() in kept for form in forms(s))]


def test_address_from_the_history(sandbox: SandboxProcess) -> None:
    """Whoever opens the address again, from the history, gets nobody signed in."""
    client = register(sandbox)
    with LocalKernel(client.environ) as kernel:
        first = kernel.submit("%load_ext myid_notebook\n%myid_login")
        redirect = finish_sign_in(first.link())
        open_page(redirect)
        assert [] == first.finish().errors
        again = kernel.submit("%myid_login --force")
        link = again.link()

        assert "This sign-in link is no longer active" == open_page(redirect).title

        open_page(finish_sign_in(link))
        assert [] == again.finish().errors
