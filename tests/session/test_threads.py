"""Threads share a session: each gets its own answers, whoever renews it meanwhile."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from support.http_server import HttpServer, json_body
from support.signed_in import TOKEN, signed_in_session, token_response

from myid_notebook.session import MyIDSession

THREADS, REQUESTS = 12, 25
OLD, NEW = f"Bearer {TOKEN}", "Bearer renewed"


def _echo(handler: BaseHTTPRequestHandler) -> None:
    """Answer with what was asked, and with which token."""
    said = {"path": handler.path, "token": handler.headers["Authorization"]}
    json_body(handler, json.dumps(said).encode())


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A server that keeps connections and tells each request what it was."""
    with HttpServer(_echo, keep_alive=True) as running:
        yield running


@pytest.fixture
def session(server: HttpServer) -> Iterator[MyIDSession]:
    """A session signed in there."""
    with signed_in_session(f"{server.url}/api/") as signed_in:
        yield signed_in


@pytest.fixture
def _many_switches() -> Iterator[None]:
    """Threads take turns after every few instructions."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def _in_threads(work: Callable[[int], None]) -> list[BaseException]:
    """Let threads begin at the same moment; return what they raised."""
    barrier, failures = threading.Barrier(THREADS, timeout=60), []

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.usefixtures("_many_switches")
def test_each_its_own_answer(session: MyIDSession, server: HttpServer) -> None:
    """Many requests at once over connections that are kept: nobody gets another's answer."""

    def fetch(number: int) -> None:
        for turn in range(REQUESTS):
            answer = session.get(f"people/{number}", params={"turn": turn})
            expected = {"path": f"/api/people/{number}?turn={turn}", "token": OLD}
            assert expected == answer.json()
            assert answer.request.path_url == expected["path"]

    assert [] == _in_threads(fetch)
    assert THREADS * REQUESTS == len({seen.target for seen in server.seen})


@pytest.mark.usefixtures("_many_switches")
def test_renewals_in_between(session: MyIDSession) -> None:
    """One renews all the time: each request carries one whole token, and gets its own answer."""
    whole = {OLD, NEW}

    def fetch(number: int) -> None:
        for turn in range(REQUESTS):
            if number == 0:
                session.sign_in(token_response(access_token="renewed" if turn % 2 else TOKEN))
            said = session.get(f"people/{number}", params={"turn": turn}).json()
            assert f"/api/people/{number}?turn={turn}" == said["path"]
            assert said["token"] in whole

    assert [] == _in_threads(fetch)


def test_renewal_in_mid_flight(session: MyIDSession, server: HttpServer) -> None:
    """What is on its way keeps the old token, what goes out afterwards has the new one."""
    arrived, renewed = threading.Semaphore(0), threading.Event()

    def held(handler: BaseHTTPRequestHandler) -> None:
        arrived.release()
        renewed.wait(60)
        _echo(handler)

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
    failures = _in_threads(fetch)
    renewing.join()

    assert [] == failures
