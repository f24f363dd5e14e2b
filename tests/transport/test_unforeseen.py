"""What a library raises without a word about it is told in one line all the same."""

import pytest
from support.servers.requests_to_myid import token_endpoint
from support.values.oauth import CODE, GRANT, SECRET

from myid_notebook.errors import TokenEndpointError


@pytest.mark.parametrize("host", ["myid..example.com", f"{'a' * 64}.example.com"])
def test_name_that_no_host_can_have(host: str) -> None:
    """Neither a traceback nor what was sent reaches the user."""
    with pytest.raises(TokenEndpointError, match="could not be sent a request") as caught:
        token_endpoint(f"https://{host}/t", None).request(GRANT, 10)

    said = str(caught.value)
    assert "Check MYID_SERVER and HTTPS_PROXY. If the problem persists, please report it" in said
    assert said.endswith("Sign in again.")
    assert caught.value.__context__ is None
    assert not {CODE, SECRET} & set(said.split())


def test_proxy_with_a_password_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where the environment names a proxy in a way that no library takes."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "http://jane:5€@127.0.0.1:1")
    with pytest.raises(TokenEndpointError, match="could not be sent a request") as caught:
        token_endpoint("https://myid.example.test/t", None).request(GRANT, 10)

    assert "5€" not in str(caught.value)
