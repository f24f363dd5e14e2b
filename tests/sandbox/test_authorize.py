"""What ``connect/authorize`` takes and what it refuses."""

import pytest
from support.browser.login_pages import LoginPage, finish_sign_in
from support.servers.sandbox import SandboxProcess, client_entry
from support.servers.sandbox_client import CHALLENGE, HandmadeClient, query_of

SPOILT_FROM_LAST_TO_FIRST = [
    ({"scope": "other"}, "invalid_scope"),
    ({"code_challenge": CHALLENGE}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"redirect_uri": "http://127.0.0.1:8888/myid/other"}, "unauthorized_client"),
    ({"client_id": "nobody"}, "unauthorized_client"),
]


def shown_error(html: str) -> str:
    """Return the code on MyID's error page."""
    prefix, code = LoginPage(html).alert.split(" : ")
    assert prefix == "Sorry, there was an error"
    return code


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
    assert (response.status_code, shown_error(response.text)) == (400, code)


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
    response = client.send("POST", client.authorize_endpoint, data=client.authorize_parameters())

    assert "Security Questions" in LoginPage(response.text).buttons


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(client: HandmadeClient, method: str) -> None:
    """Only GET and POST begin a sign-in."""
    assert client.send(method, client.authorize_url()).status_code == 405


def test_a_posted_body_must_be_a_form(client: HandmadeClient) -> None:
    """A POST of another content type is HTTP 415."""
    parameters = client.authorize_parameters()

    assert client.send("POST", client.authorize_endpoint, json=parameters).status_code == 415


def test_a_repeated_parameter_is_refused(client: HandmadeClient) -> None:
    """Request parameters stand there once (RFC 6749 section 3.1)."""
    response = client.send("GET", client.authorize_url() + "&state=other")

    assert shown_error(response.text) == "invalid_request"


def test_state_comes_back_exactly(client: HandmadeClient) -> None:
    """Success is a 302 with code, scope and the state as it was sent."""
    state = "a b+c%26/?&=~ü"

    query = query_of(finish_sign_in(client.authorize_url(state=state)))

    assert sorted(query) == ["code", "scope", "state"]
    assert (query["scope"], query["state"]) == ("myid.rest.basic", state)


def test_no_state_no_state(client: HandmadeClient) -> None:
    """A request without state gets none back."""
    assert "state" not in query_of(finish_sign_in(client.authorize_url(state=None)))


def test_a_redirect_uri_with_a_query_keeps_it(sandbox: SandboxProcess) -> None:
    """The answer is appended to a query that is already there (RFC 6749 section 3.1.2)."""
    uri = "http://127.0.0.1:5500/back?tenant=1"
    client = HandmadeClient(sandbox, "test.query", uri)
    sandbox.register(client_entry("test.query", uri, "s"))

    query = query_of(finish_sign_in(client.authorize_url()))

    assert sorted(query) == ["code", "scope", "state", "tenant"]


def test_prompt_none_finds_nobody_signed_in(client: HandmadeClient) -> None:
    """There is no single sign-on: prompt=none is answered with login_required."""
    location = client.authorize(prompt="none").headers["Location"]

    assert query_of(location) == {"error": "login_required", "state": "the-state"}


def test_every_request_asks_again(client: HandmadeClient) -> None:
    """Signing in sets no cookie, so the next request shows the sign-in page again."""
    finish_sign_in(client.authorize_url())
    response = client.authorize()

    assert "Set-Cookie" not in response.headers
    assert "Security Questions" in LoginPage(response.text).buttons


def test_paths_ignore_case(client: HandmadeClient) -> None:
    """MyID's web server takes a path in any case."""
    client.authorize_endpoint = client.authorize_endpoint.replace("connect", "Connect")

    assert client.authorize().status_code == 200
