"""Companies reach MyID through a proxy: TLS is MyID's own all the way, and so are the secrets."""

import traceback
from pathlib import Path

import pytest
import requests
import trustme
from support.servers.http_server import FixedAnswerServer, HttpServer
from support.servers.requests_to_myid import SECRETS, SENDERS, answer_as_myid
from support.servers.tls import CREDENTIALS, HOST, bundle_of, myid_server, through
from support.values.oauth import signed_in_session

PASSWORD = CREDENTIALS.partition(":")[2]


@pytest.fixture(autouse=True)
def without_company_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is trusted but what a test names."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("trusted_by", ["bundle", "environment"])
def test_private_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sender: str, trusted_by: str
) -> None:
    """A company's own authority is trusted behind a proxy too, and the proxy reads no secret."""
    with myid_server("proxy", tmp_path, answer_as_myid) as myid:
        assert myid.proxy is not None
        if trusted_by == "environment":
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(myid.bundle))
        assert SENDERS[sender](myid.url, myid.bundle if trusted_by == "bundle" else None)

    assert [f"{HOST}:443"] == myid.proxy.targets
    assert 1 == len(myid.server.seen)
    assert "authorization" not in myid.proxy.heads[0]
    assert len(myid.proxy.seen) > 500
    readable = bytes(myid.proxy.seen).decode("latin-1") + str(myid.proxy.heads)
    assert not [secret for secret in SECRETS if secret in readable]
    assert PASSWORD not in str(myid.server.seen)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(
    "wrong", [{"names": ("other.example.com",)}, {"days": (-30, -1)}, {"days": (1, 30)}, None]
)
@pytest.mark.parametrize("trusted_by", ["bundle", "environment"])
def test_certificate_that_is_not_myids(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sender: str,
    wrong: dict[str, tuple[object, ...]] | None,
    trusted_by: str,
) -> None:
    """Another name, another time, another authority: refused, and nothing secret has been sent."""
    with myid_server("proxy", tmp_path, answer_as_myid, **(wrong or {})) as myid:
        other = bundle_of(trustme.CA(), tmp_path / "other.pem")
        bundle = myid.bundle if wrong else other
        if trusted_by == "environment":
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        error = _failure(sender, myid.url, bundle if trusted_by == "bundle" else None)

    assert myid.proxy is not None
    assert [f"{HOST}:443"] == myid.proxy.targets
    assert [] == myid.server.seen
    assert "certificate" in str(error).lower() or sender == "person lookup"  # which never says
    assert PASSWORD not in _said(error)


def _failure(sender: str, url: str, bundle: str | None = None) -> Exception:
    try:
        SENDERS[sender](url, bundle)
    except Exception as error:  # noqa: BLE001 - each sender has its own
        return error
    raise AssertionError("it was sent")


def _said(error: Exception) -> str:
    return "\n".join([*traceback.format_exception(error), repr(error), str(vars(error).values())])


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
        b"220 mail.example.com ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nno TLS at all",
    ],
)
def test_proxy_that_does_not_pass_it_on(sender: str, answer: bytes) -> None:
    """However it fails: the error names no password, and the proxy was told no other secret."""
    with (
        FixedAnswerServer(answer) as proxy,
        through(f"http://{CREDENTIALS}@127.0.0.1:{proxy.port}"),
    ):
        error = _failure(sender, f"https://{HOST}")

    assert PASSWORD not in _said(error)
    asked = b"".join(proxy.asked).decode("latin-1")
    assert "CONNECT" in asked
    assert not [secret for secret in SECRETS if secret in asked]


@pytest.mark.parametrize(
    ("proxy", "kind"),
    [
        (f"http://{CREDENTIALS}@127.0.0.1:1", requests.exceptions.ProxyError),
        (f"http://{CREDENTIALS}/1@127.0.0.1:1", requests.exceptions.InvalidURL),
        (f"http://{CREDENTIALS}@a..b:1", requests.exceptions.InvalidURL),
        (f"http://{CREDENTIALS}@[::1:1", requests.RequestException),
        (f"socks9://{CREDENTIALS}@127.0.0.1:1", requests.RequestException),
        (f"http://{CREDENTIALS}@", TypeError),
    ],
)
def test_proxy_that_is_none(proxy: str, kind: type[Exception]) -> None:
    """An error about the proxy's address does not repeat its password."""
    with (
        through(proxy),
        signed_in_session(f"https://{HOST}/") as session,
        pytest.raises(kind) as caught,
    ):
        session.get("people")

    assert PASSWORD not in _said(caught.value)


def test_this_machine_over_tls(tmp_path: Path) -> None:
    """What runs on this machine is reached without the proxy."""
    with (
        myid_server("https", tmp_path) as myid,
        HttpServer() as proxy,
        through(proxy.url),
        signed_in_session(f"{myid.url}/") as session,
    ):
        session.set_ca_bundle(myid.bundle)
        session.get("people")

    assert 1 == len(myid.server.seen)
    assert [] == proxy.seen
