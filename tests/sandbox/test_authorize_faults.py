"""Faults of the authorize side."""

import pytest
from support.browser.login_pages import LoginPage, finish_sign_in
from support.servers.sandbox_client import REDIRECT_URI, HandmadeClient, query_of


def test_denied(client: HandmadeClient) -> None:
    """``denied`` redirects access_denied without a page."""
    client.sandbox.faults(denied=True)

    location = client.authorize().headers["Location"]
    assert query_of(location) == {"error": "access_denied", "state": "the-state"}


def test_server_error_redirect(client: HandmadeClient) -> None:
    """``server_error_redirect`` sends any error code with a description."""
    client.sandbox.faults(server_error_redirect="temporarily_unavailable")
    default = query_of(client.authorize().headers["Location"])
    client.sandbox.faults(error_description="closed for lunch")
    own = query_of(client.authorize().headers["Location"])

    assert default.pop("error_description")
    assert own.pop("error_description") == "closed for lunch"
    assert default == own == {"error": "temporarily_unavailable", "state": "the-state"}


@pytest.mark.parametrize("sent", ["own", "https://elsewhere.example"])
def test_iss(client: HandmadeClient, sent: str) -> None:
    """``iss`` is in every redirect, errors too; off, it is in none."""
    issuer = f"{client.sandbox.url}/web.oauth2" if sent == "own" else sent
    assert "iss" not in query_of(finish_sign_in(client.authorize_url()))
    client.sandbox.faults(iss=sent)

    assert query_of(finish_sign_in(client.authorize_url()))["iss"] == issuer
    assert query_of(finish_sign_in(client.authorize_url(), cancel=True))["iss"] == issuer


def test_extra_parameters(client: HandmadeClient) -> None:
    """``extra_parameters`` are in the redirect."""
    client.sandbox.faults(extra_parameters={"session_state": "a b"})

    assert query_of(finish_sign_in(client.authorize_url()))["session_state"] == "a b"


@pytest.mark.parametrize("name", ["code", "state", "iss"])
def test_repeat(client: HandmadeClient, name: str) -> None:
    """``repeat`` sends a parameter twice."""
    client.sandbox.faults(repeat=name, iss="own")
    location = finish_sign_in(client.authorize_url())

    assert (location.count(f"{name}="), location.count("=")) == (2, 5)


@pytest.mark.parametrize("code", ["unauthorized_client", "invalid_request"])
def test_redirect_mismatch_code(client: HandmadeClient, code: str) -> None:
    """``redirect_mismatch_code`` chooses between IdentityServer's old and new code."""
    client.sandbox.faults(redirect_mismatch_code=code)
    response = client.authorize(redirect_uri="http://127.0.0.1:8888/other")

    assert LoginPage(response.text).alert == f"Sorry, there was an error : {code}"


def test_auto_sign_in(client: HandmadeClient) -> None:
    """``auto_sign_in`` redirects at once with a code of that user's."""
    client.sandbox.faults(auto_sign_in="olga.one")
    location = client.authorize().headers["Location"]

    assert location.startswith(REDIRECT_URI)
    assert client.exchange(query_of(location)["code"]).ok
    assert client.sandbox.status()["tokens_issued"] == {"olga.one": 1}


@pytest.mark.parametrize("username", ["no.body", "disabled.dan2"])
def test_auto_sign_in_of_nobody(client: HandmadeClient, username: str) -> None:
    """``auto_sign_in`` of somebody who cannot sign in is access_denied."""
    client.sandbox.faults(auto_sign_in=username)

    assert query_of(client.authorize().headers["Location"])["error"] == "access_denied"
