"""Trusting other certificates changes how requests go out, and nothing of the user's."""

import os
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
import trustme
from requests.adapters import HTTPAdapter
from support.servers.http_server import HttpServer, json_body
from support.servers.proxies import ConnectProxy
from support.servers.tls import bundle_of, server_context
from support.values.oauth import signed_in_session
from urllib3.util import Retry

from myid_notebook.errors import SettingError
from myid_notebook.session.session import BearerSession


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    """A bundle with an authority of its own."""
    return bundle_of(trustme.CA(), tmp_path / "ca.pem")


@pytest.mark.parametrize("prefix", ["http://", "https://", "https://myid.example.com/", "ftp://"])
def test_adapter_of_the_user_stays(session: BearerSession, bundle: str, prefix: str) -> None:
    """Who mounts an adapter, with retries say, has those also after a new sign-in, and may change
    them through ``get_adapter``.
    """
    session.mount(prefix, HTTPAdapter(max_retries=3))
    session.set_ca_bundle(bundle)

    used = session.get_adapter(f"{prefix}x")
    assert isinstance(used, HTTPAdapter)
    assert 3 == used.max_retries.total
    used.max_retries = Retry(5)

    session.set_ca_bundle(None)
    assert session.get_adapter(f"{prefix}x") is used


class _Subclass(HTTPAdapter):
    pass


def test_subclass_of_the_user_is_used(session: BearerSession) -> None:
    """It may do anything, so nothing takes its place."""
    own = _Subclass()
    session.mount("https://", own)

    assert own is session.get_adapter("https://x")


def test_retries_with_a_private_authority(tmp_path: Path) -> None:
    """The usual recipe for retries keeps what the session trusts, also after it has changed, and
    repeats requests.
    """
    ca = trustme.CA()
    path = bundle_of(ca, tmp_path / "ca.pem")
    other = bundle_of(trustme.CA(), tmp_path / "other.pem")
    busy = [503, 503]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        json_body(handler, status=busy.pop() if busy else 200)

    retry = Retry(3, status_forcelist=[503], backoff_factor=0)
    with (
        HttpServer(answer, tls=server_context(ca)) as server,
        signed_in_session(f"{server.url}/") as session,
    ):
        session.mount("https://", HTTPAdapter(max_retries=retry))
        for trusted in (None, other):
            session.set_ca_bundle(trusted)
            with pytest.raises(requests.exceptions.SSLError):
                session.get("people", verify=False)
        assert [] == server.seen

        session.set_ca_bundle(path)
        assert 200 == session.get("people").status_code
        assert 3 == len(server.seen)

        session.mount("https://", HTTPAdapter())
        assert 200 == session.get("people").status_code


def test_plain_adapter_is_not_changed(session: BearerSession) -> None:
    """It may be mounted at other sessions too."""
    own = HTTPAdapter()
    before = dict(vars(own))
    session.mount("http://", own)

    session.get("people")

    assert before == vars(own)
    assert "ssl_context" not in own.poolmanager.connection_pool_kw


def test_bundle_with_other_content(tmp_path: Path) -> None:
    """A file that was replaced by another is read again."""
    first, second = trustme.CA(), trustme.CA()
    path = bundle_of(first, tmp_path / "ca.pem")
    with (
        HttpServer(tls=server_context(second)) as server,
        signed_in_session(f"{server.url}/") as session,
    ):
        session.set_ca_bundle(path)
        with pytest.raises(requests.exceptions.SSLError):
            session.get("people")
        bundle_of(second, tmp_path / "ca.pem")
        os.utime(path, (1, 1))
        session.set_ca_bundle(path)
        assert 200 == session.get("people").status_code


def test_broken_bundle_changes_nothing(session: BearerSession, tmp_path: Path) -> None:
    """What was trusted before still is."""
    (tmp_path / "ca.pem").touch()

    with pytest.raises(SettingError, match="contains no PEM certificate"):
        session.set_ca_bundle(str(tmp_path / "ca.pem"))

    assert 200 == session.get("people").status_code


def test_proxy_after_the_trust_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate of a proxy is checked against the new bundle too."""
    ca = trustme.CA()
    path = bundle_of(ca, tmp_path / "ca.pem")
    other = bundle_of(trustme.CA(), tmp_path / "other.pem")
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with (
        HttpServer(tls=server_context(ca, "myid.example.test")) as server,
        ConnectProxy(server.port, tls=server_context(ca)) as proxy,
        signed_in_session("https://myid.example.test/") as session,
    ):
        monkeypatch.setenv("https_proxy", proxy.url)
        session.set_ca_bundle(path)
        assert 200 == session.get("people").status_code

        session.set_ca_bundle(other)
        with pytest.raises(requests.exceptions.ProxyError, match="certificate verify failed"):
            session.get("people")

    assert 1 == len(proxy.asked)
