"""What a library raises without a word about it is told in one line all the same."""

import pytest
from support.values.oauth import CODE, SECRET, token_request

from myid_notebook.errors import TokenEndpointError
from myid_notebook.transport.token_endpoint import TokenEndpoint


@pytest.mark.parametrize("host", ["myid..example.com", f"{'a' * 64}.example.com"])
def test_name_that_no_host_can_have(host: str) -> None:
    """Neither a traceback nor what was sent reaches the user."""
    with pytest.raises(TokenEndpointError, match="failed unexpectedly") as caught:
        TokenEndpoint(f"https://{host}/t", None).request(token_request(), 10)

    said = str(caught.value)
    assert (
        "Run %myid_login to start a new sign-in. If the problem persists, check MYID_SERVER" in said
    )
    assert caught.value.__context__ is None
    assert not {CODE, SECRET} & set(said.split())


def test_proxy_with_a_password_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where the environment names a proxy in a way that no library takes."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "http://jane:5€@127.0.0.1:1")
    with pytest.raises(TokenEndpointError, match="failed unexpectedly") as caught:
        TokenEndpoint("https://myid.example.test/t", None).request(token_request(), 10)

    assert "5€" not in str(caught.value)
