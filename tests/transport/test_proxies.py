"""The way out through a proxy, also one that is reached over TLS."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme
from support.machine.threads import wait_until
from support.servers.http_server import HttpServer, json_body
from support.servers.proxies import ConnectProxy
from support.servers.requests_to_myid import TokenRequestThread, token_endpoint
from support.servers.tls import bundle_of, server_context
from support.values.oauth import GRANT

from myid_notebook.errors import CertificateNotTrusted, TokenEndpointError

URL = "https://myid.example.test/t"
TOKEN = b'{"access_token": "t", "token_type": "Bearer", "expires_in": 60}'


@pytest.fixture
def ca() -> trustme.CA:
    """The company's certificate authority."""
    return trustme.CA()


@pytest.fixture
def bundle(ca: trustme.CA, tmp_path: Path) -> str:
    """A file of its certificate."""
    return bundle_of(ca, tmp_path / "ca.pem")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[ConnectProxy], None]:
    """Tells the environment of a proxy."""
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return lambda proxy: monkeypatch.setenv("https_proxy", proxy.url)


def myid(ca: trustme.CA, answer: Callable[[BaseHTTPRequestHandler], None]) -> HttpServer:
    """Return a server with the certificate of the name in the URL."""
    return HttpServer(answer, tls=server_context(ca, "myid.example.test"))


@pytest.mark.parametrize("tls", [False, True])
def test_token_request(
    ca: trustme.CA, bundle: str, use: Callable[[ConnectProxy], None], *, tls: bool
) -> None:
    """The proxy opens a tunnel and sees nothing of what goes through; its own certificate is
    checked against the same CA bundle as MyID's.
    """
    with (
        myid(ca, lambda handler: json_body(handler, TOKEN)) as server,
        ConnectProxy(server.port, tls=server_context(ca) if tls else None) as proxy,
    ):
        use(proxy)
        endpoint = token_endpoint(URL, bundle)

        assert "t" == endpoint.request(GRANT, 10).access_token
        endpoint.abort()

    assert [b"CONNECT myid.example.test:443 HTTP/1."] == [asked[:37] for asked in proxy.asked]


def test_proxy_that_is_not_trusted(
    ca: trustme.CA, bundle: str, use: Callable[[ConnectProxy], None]
) -> None:
    """The message blames the proxy, not MyID, and nothing was sent."""
    with (
        myid(ca, lambda handler: json_body(handler, TOKEN)) as server,
        ConnectProxy(server.port, tls=server_context(trustme.CA())) as proxy,
    ):
        use(proxy)
        with pytest.raises(CertificateNotTrusted, match="the proxy, whose TLS certificate"):
            token_endpoint(URL, bundle).request(GRANT, 10)

    assert [] == proxy.asked


@pytest.mark.alone
@pytest.mark.parametrize("tls", [False, True])
def test_abort_ends_a_request_in_a_tunnel(
    ca: trustme.CA, bundle: str, use: Callable[[ConnectProxy], None], *, tls: bool
) -> None:
    """The socket below one layer of TLS or two is the one that is shut down."""
    with (
        myid(ca, lambda _: server.stopping.wait() and None) as server,
        ConnectProxy(server.port, tls=server_context(ca) if tls else None) as proxy,
    ):
        use(proxy)
        sending = TokenRequestThread(URL, bundle)
        wait_until(lambda: server.seen)

        assert sending.abort() < 2

    assert isinstance(sending.error, TokenEndpointError)


@pytest.mark.alone
@pytest.mark.parametrize("tls", [False, True])
def test_abort_before_there_is_a_tunnel(
    ca: trustme.CA, bundle: str, use: Callable[[ConnectProxy], None], *, tls: bool
) -> None:
    """A proxy that answers one byte at a time keeps nobody."""
    context = server_context(ca) if tls else None
    with ConnectProxy(1, tls=context, drips=True) as proxy:
        use(proxy)
        sending = TokenRequestThread(URL, bundle)
        wait_until(lambda: proxy.asked)

        assert sending.abort() < 2

    assert isinstance(sending.error, TokenEndpointError)
