"""Trusting other certificates changes how requests go out, and nothing of the user's."""

import os
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
import trustme
from requests.adapters import HTTPAdapter
from support.servers.http_server import HttpServer, json_body
from support.servers.tls import bundle_of, server_context
from support.values.oauth import signed_in_session
from urllib3.util import Retry

from myid_notebook.errors import SettingError
from myid_notebook.session.session import BearerSession
from myid_notebook.transport.tls import shared_tls_context


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    """A bundle with an authority of its own."""
    return bundle_of(trustme.CA(), tmp_path / "ca.pem")


@pytest.mark.parametrize("prefix", ["http://", "https://", "https://myid.example.com/", "ftp://"])
def test_adapter_of_the_user_stays(session: BearerSession, bundle: str, prefix: str) -> None:
    """Who mounted an adapter, with retries say, has it after a new sign-in as well; requests go
    through one with the same retries.
    """
    own = HTTPAdapter(max_retries=3)
    session.mount(prefix, own)

    session.set_ca_bundle(bundle)
    session.set_ca_bundle(None)

    assert own is session.adapters[prefix]
    used = session.get_adapter(f"{prefix}x")
    assert isinstance(used, HTTPAdapter)
    assert own.max_retries is used.max_retries
    order = list(session.adapters)
    assert sorted(order, key=len, reverse=True) == order


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


def test_other_servers_change_nothing(session: BearerSession) -> None:
    """However many servers others sign in at, nothing has changed for this session."""
    session.set_ca_bundle(None)
    before = session.adapters
    for number in range(20):
        shared_tls_context(None, f"https://server-{number}.example/")

    session.set_ca_bundle(None)

    assert before is session.adapters


def test_own_adapters_are_replaced(session: BearerSession, bundle: str) -> None:
    """Beside them, what this session mounted itself is replaced each time."""
    session.mount("https://elsewhere.example/", HTTPAdapter())
    before = [session.get_adapter(url) for url in ("http://h", "https://h")]
    session.set_ca_bundle(bundle)
    between = [session.get_adapter(url) for url in ("http://h", "https://h")]
    session.set_ca_bundle(None)
    after = [session.get_adapter(url) for url in ("http://h", "https://h")]

    assert not {*before} & {*between}
    assert not {*between} & {*after}


@pytest.mark.parametrize("explicit", [False, True])
def test_nothing_new_changes_nothing(
    session: BearerSession, bundle: str, *, explicit: bool
) -> None:
    """Signing in again keeps the connections that are open."""
    session.set_ca_bundle(None if explicit else bundle)
    session.set_ca_bundle(bundle if explicit else None)
    before = session.adapters

    session.set_ca_bundle(bundle if explicit else None)

    assert before is session.adapters


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


def test_all_at_once(session: BearerSession, bundle: str) -> None:
    """A thread that is looking for its adapter goes on looking in what it began with."""
    looked_in = session.adapters
    looking = iter(looked_in.items())
    next(looking)
    before = dict(looked_in)

    session.set_ca_bundle(bundle)

    assert 1 == len(list(looking))  # which raises where the mapping was changed
    assert before == looked_in
    assert {"https://", "http://"} == set(session.adapters)


def test_broken_bundle_changes_nothing(session: BearerSession, tmp_path: Path) -> None:
    """What was trusted before still is."""
    (tmp_path / "ca.pem").touch()
    before = session.adapters

    with pytest.raises(SettingError, match="contains no PEM certificate"):
        session.set_ca_bundle(str(tmp_path / "ca.pem"))

    assert before is session.adapters
    assert 200 == session.get("people").status_code
