"""What ``connect/authorize`` takes and what it refuses."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from support.browser.login_pages import LoginPage, finish_sign_in, open_sign_in, shown_error
from support.servers.sandbox import SandboxProcess, client_entry
from support.servers.sandbox_client import CHALLENGE, HandmadeClient, query_of

SPOILT_FROM_LAST_TO_FIRST = [
    ({"scope": "other"}, "invalid_scope"),
    ({"code_challenge": CHALLENGE}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"redirect_uri": "http://127.0.0.1:8888/myid/other"}, "unauthorized_client"),
    ({"client_id": "nobody"}, "unauthorized_client"),
]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        *SPOILT_FROM_LAST_TO_FIRST,
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "x" * 101}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "no-scheme"}, "invalid_request"),
        ({"redirect_uri": "http://[broken"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:8888/" + "x" * 400}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:8888/myid/callback/"}, "unauthorized_client"),
        ({"redirect_uri": "http://127.0.0.1:8889/myid/callback"}, "unauthorized_client"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "unsupported_response_type"),
        ({"client_id": "myid.public"}, "invalid_request"),
        (
            {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
            "invalid_request",
        ),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"scope": "myid.rest.basic " * 20}, "invalid_request"),
        ({"scope": "myid.rest.basic openid"}, "invalid_scope"),
    ],
)
def test_refusals_are_shown_and_never_redirected(
    client: HandmadeClient, changes: dict[str, str | None], code: str
) -> None:
    """What is wrong with a request is on MyID's page alone; the client never hears of it."""
    response = client.authorize(**changes)

    assert "Location" not in response.headers
    assert response.url.startswith(f"{client.sandbox.url}/web.oauth2/home/error?errorId=")
    assert (response.status_code, shown_error(response.text)) == (200, code)
    assert f"Sorry, there was an error <strong><em>: {code}</em></strong></div>" in response.text
    assert re.search(r"<div>Request Id: [0-9A-F]+:\d+</div>", response.text)


def test_the_sign_in_page_has_an_address_of_its_own(client: HandmadeClient) -> None:
    """It is redirected to with the request in ReturnUrl, and can be loaded again."""
    first = client.send("GET", client.authorize_url())
    target = urlsplit(first.headers["Location"])
    return_url = urlsplit(query_of(first.headers["Location"])["ReturnUrl"])
    pages = [client.send("GET", f"{client.sandbox.url}{target.geturl()}") for _ in range(2)]

    assert (first.status_code, target.path) == (302, "/web.oauth2/Account/Login")
    assert return_url.path == "/web.oauth2/connect/authorize"
    assert dict(parse_qsl(return_url.query)) == client.authorize_parameters()
    assert first.headers["Cache-Control"] == "no-store"
    assert [page.status_code for page in pages] == [200, 200]
    assert all("<title>MyID Authentication</title>" in page.text for page in pages)
    assert len({LoginPage(page.text).hidden["login"] for page in pages}) == 2
    assert client.sandbox.status()["authorize_requests"] == 1


@pytest.mark.parametrize("spelling", [str.upper, str.title])
def test_names_of_parameters_ignore_case(
    client: HandmadeClient, spelling: Callable[[str], str]
) -> None:
    """In queries and forms; the same name in two spellings is a repetition."""
    parameters = {spelling(name): value for name, value in client.authorize_parameters().items()}
    url = f"{client.authorize_endpoint}?{urlencode(parameters)}"
    code = query_of(finish_sign_in(url))["code"]
    form = {spelling(name): value for name, value in client.token_fields(code).items()}
    with requests.Session() as browser:
        repeated = open_sign_in(browser, "GET", f"{client.authorize_url()}&STATE=other")

    assert client.send("POST", client.token_endpoint, data=form).ok
    assert shown_error(repeated.text) == "invalid_request"


@pytest.mark.parametrize(("length", "status"), [(2048, 302), (2049, 404), (4000, 404)])
def test_a_long_query_is_refused_by_the_web_server(
    client: HandmadeClient, length: int, status: int
) -> None:
    """IIS answers a query of more than 2,048 characters with 404.15, before MyID sees it."""
    url = client.authorize_url(nonce="")
    url += "x" * (length - len(urlsplit(url).query))
    response = client.send("GET", url)

    assert response.status_code == status
    assert ("404.15" in response.text) == (status == 404)
    assert client.send("GET", f"{client.api}/people?q={'x' * 2047}").status_code == 404


@pytest.mark.parametrize(
    ("prompt", "error"),
    [("none login", "invalid_request"), ("login", ""), ("unknown", ""), ("none unknown", "")],
)
def test_prompts(client: HandmadeClient, prompt: str, error: str) -> None:
    """With none there may be no other; IdentityServer4 ignores what it does not know."""
    response = client.authorize(prompt=prompt)

    assert response.status_code == 200
    assert shown_error(response.text) == error


@pytest.mark.parametrize("first", range(len(SPOILT_FROM_LAST_TO_FIRST)))
def test_the_first_fault_is_named(client: HandmadeClient, first: int) -> None:
    """Faults are looked for in the order client, redirect, response type, PKCE, scope."""
    changes: dict[str, str | None] = {}
    for spoilt, _ in SPOILT_FROM_LAST_TO_FIRST[: first + 1]:
        changes |= spoilt

    code = shown_error(client.authorize(**changes).text)

    assert SPOILT_FROM_LAST_TO_FIRST[first][1] == code


def test_a_client_without_the_code_grant_is_refused(sandbox: SandboxProcess) -> None:
    """The grant types of a client entry are honoured, before PKCE is looked at."""
    client = HandmadeClient(sandbox, "test.machine")
    entry = client_entry("test.machine", client.redirect_uri, "s", RequirePkce=True)
    sandbox.register({**entry, "AllowedGrantTypes": ["client_credentials"]})

    assert shown_error(client.authorize().text) == "unauthorized_client"


def test_pkce_is_required_when_the_entry_does_not_say(sandbox: SandboxProcess) -> None:
    """A missing RequirePkce means true, as in IdentityServer4."""
    client = HandmadeClient(sandbox, "test.silent")
    entry = client_entry("test.silent", client.redirect_uri, "s")
    del entry["RequirePkce"]
    sandbox.register(entry)

    assert shown_error(client.authorize().text) == "invalid_request"
    assert client.authorize(code_challenge=CHALLENGE, code_challenge_method="S256").ok


def test_the_redirect_uri_is_compared_without_case(client: HandmadeClient) -> None:
    """A redirect URI is a whole string, its case ignored; the browser goes to the one sent."""
    uri = "http://127.0.0.1:8888/MyID/Callback"

    assert finish_sign_in(client.authorize_url(redirect_uri=uri)).startswith(f"{uri}?")


def test_a_form_does_as_well_as_a_query(client: HandmadeClient) -> None:
    """The authorization request may be posted as a form (CORE 13.3)."""
    with requests.Session() as browser:
        response = open_sign_in(
            browser, "POST", client.authorize_endpoint, data=client.authorize_parameters()
        )

    assert "Security Questions" in LoginPage(response.text).buttons


def test_a_repeated_parameter_is_refused(client: HandmadeClient) -> None:
    """Request parameters stand there once (RFC 6749 section 3.1)."""
    with requests.Session() as browser:
        response = open_sign_in(browser, "GET", f"{client.authorize_url()}&state=other")

    assert shown_error(response.text) == "invalid_request"


def test_state_comes_back_exactly(client: HandmadeClient) -> None:
    """Success is a 302 with code, scope and the state as it was sent."""
    state = "a b+c%26/?&=~ü"

    query = query_of(finish_sign_in(client.authorize_url(state=state)))

    assert sorted(query) == ["code", "scope", "state"]
    assert (query["scope"], query["state"]) == ("myid.rest.basic", state)


def test_a_redirect_uri_with_a_query_keeps_it(sandbox: SandboxProcess) -> None:
    """The answer is appended to a query that is already there (RFC 6749 section 3.1.2)."""
    uri = "http://127.0.0.1:5500/back?tenant=1"
    client = HandmadeClient(sandbox, "test.query", uri)
    sandbox.register(client_entry("test.query", uri, "s"))

    query = query_of(finish_sign_in(client.authorize_url()))

    assert sorted(query) == ["code", "scope", "state", "tenant"]
