"""A token endpoint that redirects: an answer like any other, neither followed nor read."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from support.servers.http_server import HttpServer, redirect_to
from support.servers.requests_to_myid import token_endpoint
from support.values.oauth import CODE, GRANT, SECRET

from myid_notebook.errors import TokenEndpointError
from myid_notebook.transport.client import MAX_BODY

LOCATIONS = ["/elsewhere", "http://[bad", "\xff\xfe", "", "//", "http://x:99999999/", "a" * 60_000]


@pytest.mark.parametrize("location", LOCATIONS)
def test_any_redirect(location: str) -> None:
    """Wherever it leads, the message says what happened and what to check, on one line."""
    with HttpServer(redirect_to(location)) as server:
        with pytest.raises(TokenEndpointError) as caught:
            token_endpoint(f"{server.url}/t", None).request(GRANT, 10)
        assert ["/t"] == [seen.target for seen in server.seen]

    said = str(caught.value)
    assert "The token URL responded with a redirect (HTTP 302)" in said
    assert "Check MYID_SERVER (and MYID_TOKEN_URL, if set)" in said
    assert "Sign in again." in said
    assert 1 == len(said.splitlines())
    assert CODE not in said
    assert SECRET not in said
    assert caught.value.__context__ is None


def test_flood_behind_a_redirect() -> None:
    """The body of a redirect is not read, so it fills no memory and keeps nobody waiting."""
    sent = []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/t")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" " * 1_000_000)
            sent.append(1_000_000)

    assert "responded with a redirect" in _failure(flood)
    assert sum(sent) < 20 * MAX_BODY


def _failure(answer: Callable[[BaseHTTPRequestHandler], None]) -> str:
    with HttpServer(answer) as server, pytest.raises(TokenEndpointError) as caught:
        token_endpoint(server.url, None).request(GRANT, 10)
    return str(caught.value)
