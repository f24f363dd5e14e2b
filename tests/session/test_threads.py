"""Threads share a session that one of them renews."""

import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
import trustme
from support.machine.threads import run_concurrently
from support.servers.http_server import HttpServer, echo
from support.servers.tls import bundle_of, server_context
from support.values.oauth import TOKEN, signed_in_session, token_response

from myid_notebook.session.bearer import PLACEHOLDER
from myid_notebook.session.session import BearerSession

THREADS, REQUESTS = 12, 25
OLD, NEW = f"Bearer {TOKEN}", "Bearer renewed"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A server that keeps connections and tells each request what it was."""
    with HttpServer(echo, keep_alive=True) as running:
        yield running


@pytest.fixture
def session(server: HttpServer) -> Iterator[BearerSession]:
    """A session signed in there."""
    with signed_in_session(f"{server.url}/api/") as signed_in:
        yield signed_in


def test_renewals_in_between(session: BearerSession) -> None:
    """One renews all the time: each request carries one whole token, and gets its own answer."""
    whole = {OLD, NEW}

    def fetch(number: int) -> None:
        for turn in range(REQUESTS):
            if number == 0:
                session.sign_in(token_response(access_token="renewed" if turn % 2 else TOKEN))
            said = session.get(f"people/{number}", params={"turn": turn}).json()
            assert f"/api/people/{number}?turn={turn}" == said["path"]
            assert said["token"] in whole

    assert [] == run_concurrently(THREADS, fetch)


def test_renewal_in_mid_flight(session: BearerSession, server: HttpServer) -> None:
    """What is on its way keeps the old token, what goes out afterwards has the new one."""
    arrived, renewed = threading.Semaphore(0), threading.Event()

    def held(handler: BaseHTTPRequestHandler) -> None:
        arrived.release()
        renewed.wait(60)
        echo(handler)

    def renew_when_all_are_on_their_way() -> None:
        for _ in range(THREADS):
            arrived.acquire(timeout=60)
        session.sign_in(token_response(access_token="renewed"))
        renewed.set()

    def fetch(number: int) -> None:
        path = f"/api/held/{number}"
        assert {"path": path, "token": OLD} == session.get(path).json()
        assert {"path": "/api/after", "token": NEW} == session.get("after").json()

    server.answers |= {f"/api/held/{number}": held for number in range(THREADS)}
    renewing = threading.Thread(target=renew_when_all_are_on_their_way)
    renewing.start()
    failures = run_concurrently(THREADS, fetch)
    renewing.join()

    assert [] == failures


def test_one_prepared_request(session: BearerSession) -> None:
    """Threads may send one prepared request at once; each goes out with the token."""
    prepared = session.prepare_request(requests.Request("GET", "people"))

    def fetch(_: int) -> None:
        for _turn in range(REQUESTS):
            response = session.send(prepared)
            assert response.json()["token"] == OLD
            assert response.request.headers["Authorization"] == PLACEHOLDER
            assert prepared.headers["Authorization"] == PLACEHOLDER

    assert [] == run_concurrently(THREADS, fetch)


def test_first_requests_share_one_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CA bundle is loaded once, however many threads send the first request."""
    ca, loaded = trustme.CA(), []
    bundle = bundle_of(ca, tmp_path / "ca.pem")
    load = ssl.create_default_context

    def slowly(**options: str) -> ssl.SSLContext:
        loaded.append(options)
        time.sleep(0.1)  # the others arrive meanwhile
        return load(**options)

    monkeypatch.setattr(ssl, "create_default_context", slowly)
    with (
        HttpServer(echo, tls=server_context(ca)) as server,
        signed_in_session(f"{server.url}/") as session,
    ):
        session.set_ca_bundle(bundle)
        assert [] == run_concurrently(THREADS, lambda number: session.get(f"people/{number}"))

    assert 1 == len(loaded)
