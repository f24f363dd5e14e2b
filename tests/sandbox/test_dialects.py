"""Which MyID it is: the dialect of its redirects, and single sign-on."""

from collections.abc import Iterator

import pytest
import requests
from support.browser.login_pages import (
    BrowserlessVisit,
    LoginPage,
    finish_sign_in,
    open_sign_in,
)
from support.servers.sandbox import SandboxProcess
from support.servers.sandbox_client import REDIRECT_URI, HandmadeClient, jwt_parts, query_of

ISSUER = "{}/web.oauth2"


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    """A browser that keeps cookies."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def sign_in(client: HandmadeClient, browser: requests.Session) -> dict[str, str]:
    """Sign in as jane.doe and return the parameters of the redirect."""
    visit = BrowserlessVisit(client.authorize_url(), browser=browser)
    visit.press("Security Questions")
    visit.press("Next", username="jane.doe")
    visit.press("Sign In", answer1="blue", answer2="rover")
    return query_of(visit.location)


@pytest.mark.parametrize(("dialect", "fragment"), [("is4", "_=_"), ("duende", "_")])
def test_error_redirects_end_in_a_fragment(
    client: HandmadeClient, dialect: str, fragment: str
) -> None:
    """Errors do, in the spelling of the library; success does not."""
    client.sandbox.faults(dialect=dialect)
    cancelled = finish_sign_in(client.authorize_url(), cancel=True)
    client.sandbox.faults(denied=True)
    denied = client.authorize().headers["Location"]
    client.sandbox.faults(denied=False)

    assert [url.partition("#")[2] for url in (cancelled, denied)] == [fragment] * 2
    assert "#" not in finish_sign_in(client.authorize_url())


def test_duende_redirects_with_303(client: HandmadeClient) -> None:
    """Every redirect of authorize and sign-in page."""
    client.sandbox.faults(dialect="duende")
    visit = BrowserlessVisit(client.authorize_url())
    visit.press("Cancel")
    urls = (client.authorize_url(), client.authorize_url(client_id="nobody"))

    assert [client.send("GET", url).status_code for url in urls] == [303, 303]
    assert visit.response.status_code == 303


def test_duende_sends_the_issuer(client: HandmadeClient) -> None:
    """On success and on error, as the discovery document says; IdentityServer4 does not."""
    member = "authorization_response_iss_parameter_supported"
    discovery = f"{client.sandbox.url}/web.oauth2/.well-known/openid-configuration"
    assert member not in client.send("GET", discovery).json()
    client.sandbox.faults(dialect="duende")
    redirects = [finish_sign_in(client.authorize_url(), cancel=how) for how in (True, False)]

    issuer = ISSUER.format(client.sandbox.url)
    assert [query_of(each)["iss"] for each in redirects] == [issuer, issuer]
    assert client.send("GET", discovery).json()[member] is True
    client.sandbox.faults(iss="https://elsewhere.example")
    location = finish_sign_in(client.authorize_url())
    assert query_of(location)["iss"] == "https://elsewhere.example"


def test_single_sign_on(client: HandmadeClient, browser: requests.Session) -> None:
    """Who has signed in is signed in again without a question, with the time of the first."""
    client.sandbox.faults(single_sign_on=True)
    first = client.exchange(sign_in(client, browser)["code"]).json()["access_token"]
    again = open_sign_in(browser, "GET", client.authorize_url())
    silent = open_sign_in(browser, "GET", client.authorize_url(prompt="none"))
    second = client.exchange(query_of(again.headers["Location"])["code"]).json()["access_token"]

    assert again.headers["Location"].startswith(REDIRECT_URI)
    assert "code" in query_of(silent.headers["Location"])
    assert jwt_parts(first)[1]["auth_time"] == jwt_parts(second)[1]["auth_time"]
    assert client.sandbox.status()["tokens_issued"] == {"jane.doe": 2}


@pytest.mark.parametrize("how", ["another browser", "prompt", "select", "off", "reset", "forged"])
def test_single_sign_on_asks(client: HandmadeClient, browser: requests.Session, how: str) -> None:
    """Another browser, a client that wants it, and every browser once it is off, or forgotten."""
    client.sandbox.faults(single_sign_on=True)
    sign_in(client, browser)
    changes = {"prompt": {"prompt": "login"}, "select": {"prompt": "select_account"}}.get(how, {})
    if how == "off":
        client.sandbox.faults(single_sign_on=False)
    elif how == "reset":
        client.sandbox.reset()
        client.sandbox.faults(single_sign_on=True)
    elif how == "forged":
        browser.cookies.set("idsrv", "other", domain="127.0.0.1", path="/web.oauth2")
    elif how == "another browser":
        browser.cookies.clear()
    page = open_sign_in(browser, "GET", client.authorize_url(**changes))

    assert "Security Questions" in LoginPage(page.text).buttons


def test_options_of_the_command_line() -> None:
    """They are set from the start, and after a reset; others can be set as well."""
    arguments = ["--dialect", "duende", "--single-sign-on", "--switch", "page_size=3"]
    arguments += ["--switch", "auto_sign_in=sam.self", "--switch", 'token_type="x"']
    expected = {
        "dialect": "duende",
        "single_sign_on": True,
        "page_size": 3,
        "auto_sign_in": "sam.self",
        "token_type": "x",
    }
    with SandboxProcess.start(arguments) as sandbox:
        assert sandbox.control("PUT", "faults", {}).json() == expected
        sandbox.faults(page_size=4, denied=True)
        sandbox.reset()
        assert sandbox.control("PUT", "faults", {}).json() == expected
        sandbox.faults(page_size=4)
        sandbox.control("DELETE", "faults")
        assert sandbox.control("PUT", "faults", {}).json() == expected
        location = HandmadeClient(sandbox).authorize().headers["Location"]
        assert query_of(location)["iss"] == ISSUER.format(sandbox.url)
