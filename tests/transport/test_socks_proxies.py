"""SOCKS proxies, which ``requests`` uses with PySocks."""

import http.client
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import trustme
from support.servers.http_server import HttpServer
from support.servers.proxies import SocksProxy
from support.servers.requests_to_myid import SECRETS, SENDERS, answer_as_myid, token_endpoint
from support.servers.tls import CREDENTIALS, HOST, bundle_of, server_context
from support.values.oauth import GRANT, signed_in_session
from urllib3.exceptions import DependencyWarning

from myid_notebook.doctor.probe import Probe
from myid_notebook.errors import TokenEndpointError

ADDRESS = "192.0.2.1"
"""An address of no machine: with socks4 and socks5 the client looks a name up itself."""

PASSWORD = CREDENTIALS.partition(":")[2]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Tells the environment of a proxy."""
    for name in ("NO_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return lambda url: monkeypatch.setenv("ALL_PROXY", url)


@pytest.fixture
def ca() -> trustme.CA:
    """The company's certificate authority."""
    return trustme.CA()


@pytest.fixture
def bundle(ca: trustme.CA, tmp_path: Path) -> str:
    """A file of its certificate."""
    return bundle_of(ca, tmp_path / "ca.pem")


@pytest.fixture
def server(ca: trustme.CA) -> Iterator[HttpServer]:
    """MyID behind the proxy."""
    with HttpServer(answer_as_myid, tls=server_context(ca, HOST, ADDRESS)) as running:
        yield running


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(
    ("prefix", "host"),
    [
        ("socks4://", ADDRESS),
        ("socks4a://", HOST),
        ("socks5://", ADDRESS),
        ("socks5h://", HOST),
        (f"socks5h://{CREDENTIALS}@", HOST),
    ],
)
def test_each_kind(
    server: HttpServer,
    bundle: str,
    use: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    sender: str,
    prefix: str,
    host: str,
) -> None:
    """Every request reaches MyID through it; the proxy reads no secret, and nothing is printed."""
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with SocksProxy(server.port, CREDENTIALS if CREDENTIALS in prefix else "") as proxy:
        use(f"{prefix}127.0.0.1:{proxy.port}")
        assert SENDERS[sender](f"https://{host}", bundle)

    assert [host] == proxy.targets
    assert 1 == len(server.seen)
    readable = bytes(proxy.seen).decode("latin-1")
    assert not [secret for secret in SECRETS if secret in readable]
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize(
    "wrong", [f"socks5h://{CREDENTIALS}x@127.0.0.1:", f"socks5h://{CREDENTIALS}@127.0.0.1:1"]
)
def test_proxy_that_refuses(
    server: HttpServer, bundle: str, use: Callable[[str], None], wrong: str
) -> None:
    """The message blames the proxy, and repeats no password."""
    with SocksProxy(server.port, CREDENTIALS) as proxy:
        use(wrong if wrong[-1] == "1" else f"{wrong}{proxy.port}")
        with pytest.raises(TokenEndpointError, match="reached through the proxy") as caught:
            token_endpoint(f"https://{HOST}/t", bundle).request(GRANT, 10)
        with (
            signed_in_session(f"https://{HOST}/") as session,
            pytest.raises(requests.ConnectionError) as raised,
        ):
            session.get("people")

    assert PASSWORD not in f"{caught.value} {raised.value}"
    assert [] == server.seen


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        (f"socks5h://{CREDENTIALS}@127.0.0.1:1", "pip install PySocks"),
        (f"socks9://{CREDENTIALS}@127.0.0.1:1", "must begin with http, https, socks4"),
        (f"ftp://{CREDENTIALS}@127.0.0.1:1", "must begin with http, https, socks4"),
    ],
)
def test_proxy_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, use: Callable[[str], None], proxy: str, words: str
) -> None:
    """Without PySocks, or of a kind that does not exist: the message says so, and no password."""
    without = importlib.util.find_spec("requests.adapters")
    assert without is not None
    assert without.loader is not None
    adapters = importlib.util.module_from_spec(without)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "socks", None)
        patch.delitem(sys.modules, "urllib3.contrib.socks")
        with pytest.warns(DependencyWarning):
            without.loader.exec_module(adapters)
    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", adapters.SOCKSProxyManager)
    use(proxy)

    with pytest.raises(TokenEndpointError, match=words) as at_sign_in:
        token_endpoint(f"https://{HOST}/t", None).request(GRANT, 10)
    in_the_doctor = Probe(10).send("GET", f"https://{HOST}/t", None, setting="")
    assert words in str(in_the_doctor)
    with (
        signed_in_session(f"https://{HOST}/") as session,
        pytest.raises(requests.exceptions.InvalidSchema, match=words) as in_the_session,
    ):
        session.get("people")

    assert PASSWORD not in f"{at_sign_in.value} {in_the_doctor} {in_the_session.value}"
