"""Faults of the authorize side."""

import pytest
from support.browser.login_pages import finish_sign_in
from support.servers.sandbox_client import HandmadeClient, query_of


@pytest.mark.parametrize("name", ["code", "state", "iss"])
def test_repeat(client: HandmadeClient, name: str) -> None:
    """``repeat`` sends a parameter twice."""
    client.sandbox.faults(repeat=name, iss="own")
    location = finish_sign_in(client.authorize_url())

    assert (location.count(f"{name}="), location.count("=")) == (2, 5)


@pytest.mark.parametrize("username", ["no.body", "disabled.dan2"])
def test_auto_sign_in_of_nobody(client: HandmadeClient, username: str) -> None:
    """``auto_sign_in`` of somebody who cannot sign in is access_denied."""
    client.sandbox.faults(auto_sign_in=username)

    assert query_of(client.authorize().headers["Location"])["error"] == "access_denied"
