"""Timeouts, TLS and threads of a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme
from support.machine.threads import run_concurrently
from support.servers.http_server import HttpServer, echo, redirect_to
from support.servers.tls import bundle_of, server_context
from support.values.oauth import TOKEN, signed_in_session

from myid_notebook.errors import SettingError
from myid_notebook.session.session import BearerSession


@pytest.mark.parametrize("timeout", [{}, {"timeout": None}])
def test_every_call_has_a_timeout(
    session: BearerSession, server: HttpServer, timeout: dict[str, None]
) -> None:
    """Also where a call gives none, or None: no cell hangs for ever."""
    server.answers["/rest.core/api/slow"] = lambda _: server.stopping.wait()
    session.timeout = (5, 0.1)

    with pytest.raises(requests.ReadTimeout):
        session.get("slow", **timeout)


def test_timeout_of_redirects(session: BearerSession, server: HttpServer) -> None:
    """A redirect has the same one."""
    server.answers["/rest.core/api/old"] = redirect_to("/rest.core/api/slow")
    server.answers["/rest.core/api/slow"] = lambda _: server.stopping.wait()
    session.timeout = (5, 0.1)

    with pytest.raises(requests.ReadTimeout):
        session.get("old")


def test_timeout_of_a_call_wins(session: BearerSession, server: HttpServer) -> None:
    """A call may be more patient, or less."""
    server.answers["/rest.core/api/slow"] = lambda _: server.stopping.wait()

    with pytest.raises(requests.ReadTimeout):
        session.get("slow", timeout=0.1)


@pytest.fixture
def ca() -> trustme.CA:
    """A certificate authority that nobody trusts."""
    return trustme.CA()


@pytest.fixture
def secure(ca: trustme.CA) -> Iterator[HttpServer]:
    """A server with a certificate of that authority."""
    with HttpServer(tls=server_context(ca)) as running:
        yield running


def test_verify_false_has_no_effect(secure: HttpServer) -> None:
    """Who wants to get around a certificate gets the certificate checked."""
    with signed_in_session(f"{secure.url}/") as session:
        session.verify = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get("people", verify=False)
    assert [] == secure.seen


def test_bundle_beats_the_environment(
    secure: HttpServer, ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``REQUESTS_CA_BUNDLE`` beats ``Session.verify``, but not an explicit bundle."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle_of(trustme.CA(), tmp_path / "other.pem"))
    with signed_in_session(f"{secure.url}/") as session:
        session.set_ca_bundle(bundle_of(ca, tmp_path / "ca.pem"))

        assert 200 == session.get("people").status_code
    assert f"Bearer {TOKEN}" == secure.seen[0].authorization


@pytest.mark.parametrize("content", ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nx\n"])
def test_bundle_without_a_certificate(tmp_path: Path, content: str) -> None:
    """Said at once, with what to ask the administrator for."""
    path = tmp_path / "ca.pem"
    path.write_text(content)

    with pytest.raises(SettingError, match=r"contains no PEM certificate.*administrator") as caught:
        BearerSession("https://myid.example.com/", ca_bundle=str(path))
    assert "ca_bundle" == caught.value.setting


def test_bundle_that_breaks_off(tmp_path: Path) -> None:
    """A certificate further down that is broken is found too, before anything is sent."""
    path = tmp_path / "ca.pem"
    bundle_of(trustme.CA(), path)
    with path.open("a") as file:
        file.write("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")

    with pytest.raises(SettingError, match="or a broken one"):
        BearerSession("https://myid.example.com/", ca_bundle=str(path))


def test_broken_bundle_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable, for nobody gave it to this package."""
    path = tmp_path / "ca.pem"
    path.write_text("not a certificate")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))

    with pytest.raises(SettingError, match="REQUESTS_CA_BUNDLE"):
        BearerSession("https://myid.example.com/")


def test_threads_share_a_session() -> None:
    """Many requests at once over connections that are kept: nobody gets another's answer."""
    threads, requests_of_each = 12, 25

    def fetch(number: int) -> None:
        for turn in range(requests_of_each):
            answer = session.get(f"people/{number}", params={"turn": turn})
            path = f"/people/{number}?turn={turn}"
            assert {"path": path, "token": f"Bearer {TOKEN}"} == answer.json()
            assert path == answer.request.path_url

    with (
        HttpServer(echo, keep_alive=True) as server,
        signed_in_session(f"{server.url}/") as session,
    ):
        assert [] == run_concurrently(threads, fetch)

    assert threads * requests_of_each == len({seen.target for seen in server.seen})
