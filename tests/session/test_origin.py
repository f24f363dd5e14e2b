"""The token goes to the API's own origin, across redirects too, and nothing takes its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from support.servers.http_server import HttpServer, redirect_to
from support.values.oauth import TOKEN

from myid_notebook.session.bearer import BearerAuth
from myid_notebook.session.session import BearerSession

BEARER = f"Bearer {TOKEN}"


@pytest.fixture
def other() -> Iterator[HttpServer]:
    """Another server on this machine: another port is another origin."""
    with HttpServer() as running:
        yield running


def authorizations(server: HttpServer) -> list[str | None]:
    """Return what every request carried."""
    return [seen.authorization for seen in server.seen]


def test_token_does_not_go_elsewhere(session: BearerSession, other: HttpServer) -> None:
    """An absolute URL of another server is fetched, without the token."""
    session.get(f"{other.url}/rest.core/api/people")

    assert [None] == authorizations(other)


def test_redirect_to_another_origin_drops_the_token(
    session: BearerSession, server: HttpServer, other: HttpServer
) -> None:
    """Same host, other port: nothing goes along."""
    server.answers["/rest.core/api/away"] = redirect_to(f"{other.url}/x")

    session.get("away")

    assert [None] == authorizations(other)


def test_redirect_there_and_back_again(
    session: BearerSession, server: HttpServer, other: HttpServer
) -> None:
    """What comes back from another server does not get the token again: it chose the path."""
    server.answers["/rest.core/api/away"] = redirect_to(f"{other.url}/x")
    other.answers["/x"] = redirect_to(f"{server.url}/rest.core/api/people?chosen=there")

    session.get("away")

    assert [BEARER, None] == authorizations(server)
    assert [None] == authorizations(other)


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("https://myid.example.com/x", True),
        ("https://MYID.example.com:443/x", True),
        ("https://myid.example.com./x", True),
        ("http://myid.example.com/x", False),
        ("https://myid.example.com:8443/x", False),
        ("https://myid.example.com.evil.example/x", False),
        ("https://myid.example.com@evil.example/x", False),
        ("https://evil.example/myid.example.com", False),
        ("https://sub.myid.example.com/x", False),
        ("https://myid.example.com:port/x", False),
        ("http://[", False),
        ("", False),
        (None, False),
    ],
)
def test_origin_of_the_token(url: str | None, covered: bool) -> None:  # noqa: FBT001 - a column of the table
    """Scheme, host and port, with the default port written or not (RFC 6454)."""
    auth = BearerAuth("https://myid.example.com/rest.core/api/", "%myid_login")

    assert covered == auth.covers(url)


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of the user's for every host, which requests reads by itself."""
    path = tmp_path / "netrc"
    path.write_text("default login jane password of-netrc\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))


@pytest.mark.usefixtures("netrc")
def test_netrc_never_wins(session: BearerSession, server: HttpServer, other: HttpServer) -> None:
    """``~/.netrc`` replaces a header of requests, but neither the token nor its absence."""
    session.get("people")
    session.get(f"{other.url}/people")

    assert [BEARER] == authorizations(server)
    assert [None] == authorizations(other)


@pytest.mark.usefixtures("netrc")
def test_netrc_does_not_follow_a_redirect(
    session: BearerSession, server: HttpServer, other: HttpServer
) -> None:
    """Nor does it speak up where the token was dropped."""
    server.answers["/rest.core/api/away"] = redirect_to(f"{other.url}/x")

    session.get("away")

    assert [None] == authorizations(other)


def test_auth_of_a_call_wins(session: BearerSession, other: HttpServer) -> None:
    """Who gives another authentication for another server gets it, as with requests."""
    session.get(f"{other.url}/", auth=requests.auth.HTTPBasicAuth("a", "b"))

    assert ["Basic YTpi"] == authorizations(other)
