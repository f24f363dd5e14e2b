"""The sandbox's sign-in and error pages, for people who see, read or type as they need to."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser.accessibility import axe_violations
from support.browser.chromium import JANES_ANSWERS, picture
from support.servers.sandbox import SandboxProcess, client_entry, register
from support.servers.sandbox_client import HandmadeClient, query_of

pytestmark = pytest.mark.browser

CLIENT = ("browser.pages", "http://127.0.0.1:9/callback")


@pytest.fixture
def client(sandbox: SandboxProcess) -> HandmadeClient:
    """A client of its own; nobody listens where it is redirected to."""
    sandbox.register(client_entry(*CLIENT, "s"))
    return HandmadeClient(sandbox, *CLIENT)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A tab for all tests."""
    with browser.new_context(viewport={"width": 700, "height": 760}) as window:
        yield window.new_page()


def _choice(page: Page, client: HandmadeClient) -> None:
    page.goto(client.authorize_url())


def _no_card(page: Page, client: HandmadeClient) -> None:
    _choice(page, client)
    page.get_by_role("button", name="Smart Card").click()


def _username(page: Page, client: HandmadeClient) -> None:
    _choice(page, client)
    page.get_by_role("button", name="Security Questions").click()


def _too_few(page: Page, client: HandmadeClient) -> None:
    _username(page, client)
    _next(page, "fiona.few")


def _questions(page: Page, client: HandmadeClient) -> None:
    _username(page, client)
    _next(page, "jane.doe")


def _wrong(page: Page, client: HandmadeClient) -> None:
    _questions(page, client)
    for question in JANES_ANSWERS:
        page.get_by_label(question).fill("wrong")
    page.get_by_role("button", name="Sign In").click()


def _code(page: Page, client: HandmadeClient) -> None:
    _choice(page, client)
    page.get_by_role("button", name="Authentication Code").click()
    _next(page, "jane.doe")


def _wrong_code(page: Page, client: HandmadeClient) -> None:
    _code(page, client)
    page.get_by_label("Authentication code").fill("wrong")
    page.get_by_role("button", name="Sign In").click()


def _next(page: Page, username: str) -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_role("button", name="Next").click()


def _error(page: Page, client: HandmadeClient) -> None:
    page.goto(client.authorize_url(client_id="nobody"))


def _expired(page: Page, client: HandmadeClient) -> None:
    _choice(page, client)
    client.sandbox.reset()
    page.get_by_role("button", name="Security Questions").click()


def _too_long(page: Page, client: HandmadeClient) -> None:
    page.goto(client.authorize_url(state="x" * 2048))


PAGES: dict[str, tuple[Callable[[Page, HandmadeClient], None], str]] = {
    "choice": (_choice, "How do you want to sign in"),
    "no-card": (_no_card, "OA10001"),
    "username": (_username, "Username"),
    "too-few": (_too_few, "OA10003"),
    "questions": (_questions, "Signing in as jane.doe"),
    "wrong": (_wrong, "OA10002"),
    "code": (_code, "Authentication code"),
    "wrong-code": (_wrong_code, "OA10002"),
    "error": (_error, "Sorry, there was an error : unauthorized_client"),
    "expired": (_expired, "this sign-in page has expired"),
    "too-long": (_too_long, "404.15"),
}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(page: Page, client: HandmadeClient, name: str) -> None:
    """In light and dark: no violation of axe's rules. A field that has the focus is described by
    the warning, and is invalid.
    """
    opened, text = PAGES[name]
    opened(page, client)
    expect(page.get_by_role("main")).to_contain_text(text)
    if name in {"too-few", "wrong", "wrong-code"}:
        field, warning = page.locator("input:focus"), page.get_by_role("alert")
        expect(warning).to_contain_text(text)
        expect(field).to_have_accessible_description(warning.inner_text())
        expect(field).to_have_attribute("aria-invalid", "true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        picture(page, f"sandbox-{name}-{scheme}")
        assert [] == axe_violations(page)


def test_sign_in_with_the_keyboard(browser: Browser, sandbox: SandboxProcess) -> None:
    """From the choice to the redirect nobody needs a mouse."""
    registered = register(sandbox)
    client = HandmadeClient(sandbox, registered.client_id, registered.redirect_uri)
    challenge = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
    with browser.new_context() as window:
        page = window.new_page()
        redirects: list[str] = []
        page.on("request", lambda sent: redirects.append(sent.url))
        page.goto(client.authorize_url(**challenge))
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Username")).to_be_focused()
        page.keyboard.type("jane.doe")
        page.keyboard.press("Enter")
        for question, answer in JANES_ANSWERS.items():
            expect(page.get_by_label(question)).to_be_focused()
            page.keyboard.type(answer)
            page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Sign In")).to_be_focused()
        with page.expect_event("requestfailed"):
            page.keyboard.press("Enter")

    assert redirects[-1].startswith(registered.redirect_uri)
    assert "code" in query_of(redirects[-1])
