"""Threads share a session that one of them renews."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import requests
from support.machine.threads import run_concurrently
from support.servers.http_server import HttpServer, echo
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
