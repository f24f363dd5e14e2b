"""Where the token of a session goes, and where it never goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.servers.http_server import RecordingServer
from support.servers.sandbox import SandboxProcess

from myid_notebook.session.session import BearerSession

API = "/rest.core/api/"


@pytest.fixture
def elsewhere() -> Iterator[RecordingServer]:
    """A server of another origin."""
    with RecordingServer() as server:
        yield server


@pytest.fixture
def api(sandbox: SandboxProcess, elsewhere: RecordingServer) -> Iterator[RecordingServer]:
    """The API; some of its addresses redirect."""
    redirects = {f"{API}away": f"{elsewhere.url}/landing", f"{API}within": f"{API}people?q=jo"}
    with RecordingServer(sandbox.url, redirects) as server:
        yield server


@pytest.fixture
def session(begin: Begin, api: RecordingServer) -> BearerSession:
    """A session signed in at that API."""
    login = begin(environ={"MYID_API_URL": api.url + API})
    open_page(redirect(login))
    login.wait(10)
    api.recorded.clear()
    return login.result()


def authorization(server: RecordingServer) -> str:
    """Return the Authorization header of the last request to a server, or empty."""
    return server.recorded[-1].headers.get("Authorization", "")


def test_goes_to_the_api(session: BearerSession, api: RecordingServer) -> None:
    """Every spelling of a path of the API carries the token."""
    for path in ("people", "/people", f"{API}people", f"{api.url}{API}people"):
        assert 200 == session.get(path, params={"q": "jo"}).status_code
        assert authorization(api).startswith("Bearer ey")


def test_never_goes_to_another_origin(session: BearerSession, elsewhere: RecordingServer) -> None:
    """A request to another origin goes out without the token, under any name of the host."""
    session.get(f"{elsewhere.url}{API}people")
    session.get(f"{elsewhere.url.replace('127.0.0.1', 'localhost')}/people")

    assert ["", ""] == [each.headers.get("Authorization", "") for each in elsewhere.recorded]


def test_never_follows_a_redirect_away(session: BearerSession, elsewhere: RecordingServer) -> None:
    """A redirect of the API to another origin is followed without the token."""
    session.get("away")

    assert ("/landing", "") == (elsewhere.recorded[-1].path, authorization(elsewhere))


def test_follows_a_redirect_within_the_api(session: BearerSession, api: RecordingServer) -> None:
    """A redirect within the API's origin keeps the token."""
    assert 200 == session.get("within").status_code
    assert authorization(api).startswith("Bearer ey")


def test_netrc_does_not_replace_it(
    session: BearerSession,
    api: RecordingServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An entry for MyID's host in ``.netrc`` changes nothing: not for the API, not for tokens."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    session.get("people", params={"q": "jo"})

    assert authorization(api).startswith("Bearer ey")


def test_netrc_does_not_reach_the_token_endpoint(
    begin: Begin, sandbox: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token request proves the client as chosen, whatever ``.netrc`` says of the host."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with RecordingServer(sandbox.url) as tokens:
        login = begin(environ={"MYID_TOKEN_URL": f"{tokens.url}/web.oauth2/connect/token"})

        assert "Signed in to MyID" == open_page(redirect(login)).title
        assert "" == authorization(tokens)
        assert login.route.redirect_uri == tokens.recorded[-1].form["redirect_uri"]
