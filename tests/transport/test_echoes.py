"""A token endpoint that says again what it was sent: nobody else gets to read it."""

import json
import logging
from base64 import b64encode
from html import escape
from http.server import BaseHTTPRequestHandler
from urllib.parse import quote, quote_plus

import pytest
from support.servers.http_server import HttpServer, json_body
from support.servers.requests_to_myid import token_endpoint
from support.values.oauth import CODE
from support.values.secrets import found

from myid_notebook.errors import TokenEndpointError, TokenRefused
from myid_notebook.oauth.token_request import authorization_code_grant
from myid_notebook.secret import Secret

SECRET = 'p@ss "word"+1!/ä'
VERIFIER = "the-verifier-of-the-tests~" * 2
SECRETS = {"code": CODE, "secret": SECRET, "verifier": VERIFIER}


GRANT = authorization_code_grant(Secret(CODE), "http://localhost/cb", Secret(VERIFIER))


def test_malformed_headers(caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be read as a header is not logged, at any level."""
    caplog.set_level(logging.DEBUG)

    def echo(handler: BaseHTTPRequestHandler) -> None:
        sent = f"{server.seen[-1].body.decode()} {server.seen[-1].authorization}"
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nyou sent {sent}\r\nX: y\r\n\r\n".encode())

    with HttpServer(echo) as server:
        for method in ("client_secret_post", "client_secret_basic"):
            with pytest.raises(TokenEndpointError):
                token_endpoint(server.url, None, method=method, secret=SECRET).request(GRANT, 10)

    assert '"POST / HTTP/1.1" 200' in caplog.text
    assert [] == found(SECRETS, caplog.text)


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _basic(text: str) -> str:
    return f"Basic {_base64(f'cid:{text}')}"


def _dotnet(text: str) -> str:
    return quote_plus(text, safe="!*()-_.").replace("%C3%A4", "%c3%a4").replace("%2B", "%2b")


ENCODINGS = [
    quote,
    quote_plus,
    _dotnet,
    _json,
    lambda text: _json(_json(text)),
    lambda text: text.replace("/", "\\/"),
    lambda text: "".join(f"\\u{ord(each):04X}" for each in text),
    lambda text: quote(quote(text)),
    lambda text: quote(_json(text)),
    escape,
    _base64,
    _basic,
    lambda text: _basic(quote_plus(text)),
    lambda text: text.encode().hex(),
]


@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.parametrize("name", SECRETS)
def test_refusal(name: str, encode) -> None:  # noqa: ANN001 - from a text to a text
    """However it is written down, it is masked; the rest of the message stays."""
    written = encode(SECRETS[name])

    def echo(handler: BaseHTTPRequestHandler) -> None:
        said = {"error": "invalid_request", "error_description": f"cannot read ={written}, sorry"}
        json_body(handler, json.dumps(said).encode(), 400)

    with HttpServer(echo) as server, pytest.raises(TokenRefused) as caught:
        token_endpoint(server.url, None, secret=SECRET).request(GRANT, 10)

    shown = f"{caught.value} {vars(caught.value)}"
    assert "invalid_request" in shown
    assert "…" in shown
    assert written not in shown
    assert [] == found(SECRETS, shown)
