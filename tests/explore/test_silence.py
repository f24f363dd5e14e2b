"""MyID stops responding, or says nothing of what was asked for: what a run does and keeps."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.servers.http_server import HttpServer, json_body, redirect_to
from support.servers.sandbox import SandboxProcess

from myid_notebook.errors import NotSignedIn
from myid_notebook.explore import silence
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.fetch import SomeFailed
from myid_notebook.explore.progress import Progress
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.search import SearchInterrupted, SearchStopped
from myid_notebook.explore.session import MyIDSession


@pytest.fixture
def paths(myid: MyIDSession) -> list[str]:
    """Paths of 120 people, in MyID's order."""
    return [row["href"] for row in myid.search("people", limit=120)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between tries are short."""
    monkeypatch.setattr(silence, "_PAUSE", 0.05)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute is a second."""
    monkeypatch.setattr(silence, "PATIENCE", 1.0)


SILENCES: dict[str, dict[str, Any]] = {
    "no connection": {"api_reset": True},
    "503": {"api_status": 503},
    "500": {"api_status": 500},
    "429": {"api_status": 429},
    "a page": {"api_body": "html"},
    "a redirect": {"api_redirect": "https://login.example/sign-in"},
}


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("name", SILENCES)
def test_silence_after_a_success(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], name: str
) -> None:
    """One call tries on while the others wait, and the run ends with what it has."""
    sandbox.faults(api_after=39, **SILENCES[name])
    kept: dict[str, Any] = {}

    with pytest.raises(SomeFailed, match="MyID stopped responding") as caught:
        myid.fetch(paths, workers=8, into=kept)

    asked = sandbox.status()["api_calls"]
    sandbox.faults(api_times=0)
    assert asked < 80
    assert len(kept) - 1 == len(caught.value.rows) < 40
    assert 120 == len(myid.fetch(paths, into=kept))


def test_progress_in_a_silence(
    myid: MyIDSession,
    sandbox: SandboxProcess,
    paths: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line says what MyID returns, and waiting does not make the time left longer."""
    lines: list[str] = []
    monkeypatch.setattr(Progress, "show", lambda _, text, **__: lines.append(text))
    sandbox.faults(api_after=40, api_status=503, api_times=6)

    myid.fetch(paths, workers=1)

    [line] = {line for line in lines if line.endswith("; MyID returns 503, trying again")}
    assert line.startswith("40 of 120")


@pytest.mark.parametrize("name", SILENCES)
def test_silence_that_passes(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], name: str
) -> None:
    """What failed meanwhile is asked for again; nothing is lost."""
    sandbox.faults(api_after=39, api_times=3, **SILENCES[name])

    assert paths == [row["@path"] for row in myid.fetch(paths, workers=8)]
    counted = sandbox.control("GET", "calls").json()
    assert name in {"a page", "a redirect"} or {1} == {counted[p.lower()] for p in paths}


@pytest.mark.parametrize("status", [500, 503])
def test_path_that_fails_alone(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], status: int
) -> None:
    """While MyID responds to others, it is a failure of that path, and ends nothing."""
    sandbox.faults(api_status=status, api_only=paths[60])

    rows = myid.fetch(paths, errors="keep")

    assert [paths[60]] == [row["@path"] for row in rows if "@error" in row]


def test_silence_from_the_start(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """A run without any success ends sooner."""
    sandbox.faults(api_reset=True)

    with pytest.raises(SomeFailed, match="5 tries in a row failed"):
        myid.fetch(paths)

    assert sandbox.status()["api_calls"] < 20


def test_wait_holds_for_all() -> None:
    """When MyID asks one call to wait, no call is sent before the time has passed."""
    begun: list[float] = []
    heard = threading.Event()

    def respond(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        begun.append(time.monotonic())
        number = len(begun)
        if number != 20:
            if number > 20:  # on their way before the wait was heard of, on a busy machine, too
                heard.wait()
            json_body(handler, b'{"id": "1"}')
            return
        handler.send_response(429)
        handler.send_header("Retry-After", "2")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        threading.Timer(0.5, heard.set).start()

    with HttpServer(respond) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        assert 120 == len(session.fetch([f"people/{number}" for number in range(120)]))

    # Up to seven others may have been on their way.
    assert 93 <= len([moment for moment in begun if moment - begun[19] >= 2])


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    ("name", "call"), [*((name, "search") for name in SILENCES), ("no connection", "fetch")]
)
def test_search_keeps_what_was_read(
    *,
    myid: MyIDSession,
    sandbox: SandboxProcess,
    name: str,
    call: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever ends it, the error has the rows, and goes on where it ended."""
    last: list[str] = []
    monkeypatch.setattr(Progress, "end", lambda _, text: last.append(text))
    sandbox.faults(api_after=7, **SILENCES[name])

    with pytest.raises(SearchStopped, match=r"[05]0 rows were read") as caught:
        myid.search("people", limit=None) if call == "search" else myid.fetch("people")

    assert 250 <= len(caught.value.rows) <= 350
    assert caught.value.rows.complete is False
    assert last[0].endswith("0 rows, not finished")
    sandbox.faults(api_times=0)
    for _ in range(2):
        rows = caught.value.resume()
        assert (2009, True) == (len({row["id"] for row in rows}), rows.complete)


def test_interrupt_while_the_last_page_comes() -> None:
    """All rows are there, so reading on asks for nothing."""

    def respond(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        if len(server.seen) == 1:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            time.sleep(0.05)  # within the grace of an interrupt
        json_body(handler, b'{"results": [{"id": "1"}], "links": []}')

    with HttpServer(respond) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        with pytest.raises(SearchInterrupted, match="1 row was read") as caught:
            session.search("people")
        rows = caught.value.resume()

    assert ([{"id": "1"}], True, 1) == (rows, rows.complete, len(server.seen))


def test_search_that_is_signed_out_meanwhile(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """Signing out ends it like anything else."""
    token = myid.bearer.token
    assert token is not None
    sandbox.faults(api_delay=0.1)
    threading.Timer(0.5, myid.sign_out).start()

    with pytest.raises(SearchStopped, match="not signed in") as caught:
        myid.search("people", limit=None)

    assert caught.value.rows
    with pytest.raises(SearchStopped):
        caught.value.resume()
    myid.sign_in(token)
    sandbox.faults(api_delay=0)
    assert 2009 == len(caught.value.resume())


def test_nothing_read(myid: MyIDSession, sandbox: SandboxProcess) -> None:
    """Then the error is that of the call."""
    sandbox.faults(api_status=403)

    with pytest.raises(MyIDAPIError, match="403") as caught:
        myid.search("people")

    assert not isinstance(caught.value, SearchStopped)
    myid.sign_out()
    with pytest.raises(NotSignedIn):
        myid.search("people")


@pytest.mark.parametrize("challenge", ["Bearer", None])
def test_401_of_one_path(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], challenge: str | None
) -> None:
    """What worked before still works, so the session has not ended."""
    sandbox.faults(api_status=401, api_challenge=challenge, api_only=paths[60])

    rows = myid.fetch(paths, errors="keep")

    assert [paths[60]] == [row["@path"] for row in rows if "@error" in row]
    assert myid.signed_in


@pytest.mark.parametrize("challenge", ["Bearer", None])
def test_401_of_the_session(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], challenge: str | None
) -> None:
    """What worked before works no longer, so the session has ended."""
    sandbox.faults(api_refuse_after=40, api_challenge=challenge)

    with pytest.raises(SomeFailed, match=r"%myid_login.* are left"):
        myid.fetch(paths)

    assert not myid.signed_in


@pytest.mark.parametrize("body", ["cut", "cut_chunk", "invalid"])
def test_body_that_is_cut(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str], body: str
) -> None:
    """It is asked for again, whichever way it was cut."""
    sandbox.faults(api_after=39, api_times=1, api_body=body)

    assert 120 == len(myid.fetch(paths))


def test_redirect_within_the_api(
    myid: MyIDSession, sandbox: SandboxProcess, paths: list[str]
) -> None:
    """It is followed."""
    sandbox.faults(api_redirect="/rest.core/api/roles", api_only=paths[0])

    assert isinstance(myid.fetch(paths[0]), Rows)


ELSEWHERE: dict[str, Callable[[str], str]] = {
    "another server": lambda _: "http://localhost:9/rest.core/api/people",
    "out of the API": lambda _: "/web.oauth2/connect/token",
    "up": lambda _: "/rest.core/api/%2e%2e/secrets",
    "in a circle": lambda path: path,
}


CALLS: dict[str, Callable[[MyIDSession], object]] = {
    "search": lambda myid: myid.search("people"),
    "fetch": lambda myid: myid.fetch("people"),
    "fetch many": lambda myid: myid.fetch(["people"]),
}


@pytest.mark.parametrize("name", ELSEWHERE)
@pytest.mark.parametrize("call", CALLS)
def test_redirect_elsewhere(name: str, call: str) -> None:
    """Nothing from elsewhere is taken for MyID's, and no token goes there."""
    with HttpServer(lambda handler: json_body(handler, b'{"results": [{"id": "1"}]}')) as server:
        server.answers["/rest.core/api/people"] = redirect_to(
            ELSEWHERE[name]("/rest.core/api/people")
        )
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        with pytest.raises((MyIDAPIError, SomeFailed), match="redirect"):
            CALLS[call](session)

    assert {"/rest.core/api/people"} == {seen.target for seen in server.seen}


def test_one_byte_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A response that never ends is given up, although each byte comes in time."""
    monkeypatch.setattr("myid_notebook.explore.get.MAX_SECONDS", 1.0)

    def drip(handler: Any) -> None:  # noqa: ANN401 - http.server's own
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.05)

    with HttpServer(drip) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.auth = None
        with pytest.raises(MyIDAPIError, match="took more than"):
            session.fetch("people/1")


def test_fault_in_a_thread(myid: MyIDSession, paths: list[str]) -> None:
    """Whatever raises there, such as a hook, ends the run, which would wait for ever."""

    def hook(response: Any, **_: object) -> None:  # noqa: ANN401 - requests' own
        response.close()
        sys.exit("the user's")

    myid.hooks["response"] = hook

    with pytest.raises(SystemExit):
        myid.fetch(paths)
