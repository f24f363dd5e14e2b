"""One token request: whatever the other side does, it ends, in words, and is not repeated."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from support.servers.http_server import FixedAnswerServer, HttpServer, json_body
from support.servers.requests_to_myid import token_endpoint
from support.values.oauth import CODE, GRANT, SECRET, token_request

from myid_notebook.errors import CertificateNotTrusted, TokenEndpointError
from myid_notebook.transport.client import MAX_BODY

TOKEN = b'{"access_token": "t", "token_type": "Bearer", "expires_in": 60}'


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A token endpoint that gives a token to everybody."""
    with HttpServer(lambda handler: json_body(handler, TOKEN)) as running:
        yield running


def failure(url: str, bundle: str | None = None, timeout: float = 10) -> TokenEndpointError:
    """Return what a token request to a URL fails with."""
    with pytest.raises(TokenEndpointError) as caught:
        token_endpoint(url, bundle).request(GRANT, timeout)
    assert caught.value.__context__ is None
    assert not {CODE, SECRET} & set(str(caught.value).split())
    return caught.value


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_request_as_it_arrives(server: HttpServer, method: str) -> None:
    """One form-encoded POST with the fields and headers of the request, asking for JSON."""
    request = token_request(method)
    endpoint = token_endpoint(f"{server.url}/t", None, method=method, clock=lambda: 1000.0)
    token = endpoint.request(request.grant, 10)

    assert ("t", 1060.0) == (token.access_token, token.expires_at)
    assert [("POST", "/t")] == [seen[:2] for seen in server.seen]
    headers = server.seen[0].headers
    assert request.form == dict(parse_qsl(server.seen[0].body.decode()))
    assert "application/x-www-form-urlencoded" == headers["content-type"]
    assert "application/json" == headers["accept"]
    assert request.headers.get("Authorization") == headers.get("authorization")


def test_netrc_is_not_read(
    server: HttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's own credentials for that host are nobody's business here."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login jane password of-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    token_endpoint(server.url, None).request(GRANT, 10)

    assert server.seen[0].authorization is None


def test_huge_answer_is_not_read_to_the_end(server: HttpServer) -> None:
    """A hundred megabytes are refused after the first."""
    sent = []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" " * 1_000_000)
            sent.append(1_000_000)

    server.answers["/t"] = flood

    assert "more than a megabyte" in str(failure(f"{server.url}/t"))
    assert sum(sent) < 20 * MAX_BODY


BROKEN = {
    "closed at once": b"",
    "half a line": b"HTTP/1",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "not HTTP": b"220 mail.example.com ESMTP\r\n",
    "bad chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bad gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 999 + b"\r\n",
    "long header": b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 99_999 + b"\r\n\r\n",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_answer_that_breaks_off(kind: str) -> None:
    """A code works once, so nothing is sent a second time."""
    with FixedAnswerServer(BROKEN[kind]) as server:
        said = str(failure(f"http://127.0.0.1:{server.port}/t"))

    expected = "is not encoded as it says" if kind == "bad gzip" else "closed the connection"
    assert expected in said
    assert "Sign in again." in said
    assert 1 == len(server.asked)


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_no_status_makes_it_try_again(server: HttpServer, status: int) -> None:
    """A failed exchange burns the code."""
    server.answers["/t"] = lambda handler: json_body(handler, b"<html>", status)

    assert f"HTTP {status}" in str(failure(f"{server.url}/t"))
    assert 1 == len(server.seen)


def test_silence(server: HttpServer) -> None:
    """A server that never answers is given up after the timeout."""
    server.answers["/t"] = lambda _: server.stopping.wait()

    assert "did not respond in time" in str(failure(f"{server.url}/t", timeout=0.2))


def test_proxy_of_the_environment_is_used(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Companies reach MyID through a proxy; a dead one is named as such."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    token_endpoint("http://myid.invalid/t", None).request(GRANT, 10)
    assert "http://myid.invalid/t" == server.seen[0].target

    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    assert "HTTPS_PROXY" in str(failure("https://myid.invalid/t"))


def test_plain_http_behind_https(server: HttpServer) -> None:
    """A port without TLS is not a certificate that is missing, so no CA bundle is asked for."""
    error = failure(server.url.replace("http:", "https:"))

    assert not isinstance(error, CertificateNotTrusted)
    assert "does not use TLS" in str(error)
