"""A session says once that it ends soon, below the cell that uses it."""

import io
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from requests import Request
from support.servers.http_server import HttpServer
from support.values.oauth import token_response

from myid_notebook.explore.session import MyIDSession

LINE = "Your MyID session ends in {}. To renew it now: %myid_login --force\n"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A server that returns an empty JSON object for everything."""
    with HttpServer() as running:
        yield running


@pytest.fixture
def session(server: HttpServer) -> Iterator[MyIDSession]:
    """A session signed in there for an hour."""
    with MyIDSession(f"{server.url}/api/") as session:
        session.sign_in(token_response(3600))
        yield session


@pytest.fixture
def pass_time(session: MyIDSession, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Moves the session's clock on, in minutes from now."""

    def move(minutes: float) -> None:
        now = time.time() + minutes * 60
        monkeypatch.setattr(session.bearer, "_clock", lambda: now)

    return move


Warned = pytest.CaptureFixture[str]


def test_once(session: MyIDSession, pass_time: Callable[..., None], capsys: Warned) -> None:
    """In the first request of the last five minutes, on standard error; not in the next one."""
    for minutes in (0, 54, 55.5, 58):
        pass_time(minutes)
        session.get("people")

    assert ("", LINE.format("4 minutes")) == capsys.readouterr()


def test_again_after_renewal(
    session: MyIDSession, pass_time: Callable[..., None], capsys: Warned
) -> None:
    """Each token has its own warning."""
    for token in (token_response(3600), token_response(3600)):
        pass_time(0)
        session.sign_in(token)
        pass_time(59.5)
        session.get("people")

    assert 2 * LINE.format("less than a minute") == capsys.readouterr().err


@pytest.mark.parametrize("lifetime", [None, 30, 300, 600])
def test_short_life(
    session: MyIDSession,
    pass_time: Callable[..., None],
    capsys: Warned,
    lifetime: float | None,
) -> None:
    """Where the line after the sign-in says it already, or nobody knows, there is no warning."""
    session.sign_in(token_response(lifetime))
    pass_time(0.1)
    session.get("people")

    assert ("", "") == capsys.readouterr()


def test_other_server(session: MyIDSession, pass_time: Callable[..., None], capsys: Warned) -> None:
    """A request elsewhere does not use the sign-in."""
    pass_time(58)
    with HttpServer() as other:
        session.get(other.url)

    assert ("", "") == capsys.readouterr()


def test_other_thread(session: MyIDSession, pass_time: Callable[..., None], capsys: Warned) -> None:
    """Threads say nothing; the next request of the main thread does."""
    pass_time(57)
    thread = threading.Thread(target=session.get, args=("people",))
    thread.start()
    thread.join()
    assert ("", "") == capsys.readouterr()

    session.get("people")

    assert LINE.format("3 minutes") == capsys.readouterr().err


def test_signed_out_meanwhile(
    session: MyIDSession, pass_time: Callable[..., None], capsys: Warned
) -> None:
    """A session that does not work has no end to warn of."""
    request = session.prepare_request(Request("GET", "people"))
    pass_time(61)
    with pytest.raises(Exception, match="expired"):
        session.send(request)

    assert ("", "") == capsys.readouterr()


@pytest.mark.parametrize("stream", [None, "closed"])
def test_no_standard_error(
    session: MyIDSession,
    pass_time: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Warned,
    stream: str | None,
) -> None:
    """Without one, or with a closed one, the request works and says nothing."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed if stream else None)
    pass_time(58)

    assert 200 == session.get("people").status_code
    assert "" == capsys.readouterr().out
