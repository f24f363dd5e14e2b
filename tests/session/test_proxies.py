"""A proxy is for the way out."""

import pytest
from support.servers.http_server import HttpServer
from support.values.oauth import TOKEN, signed_in_session

from myid_notebook.session.session import MyIDSession


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> HttpServer:
    """A proxy that the environment names."""
    server = HttpServer()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, server.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return server


def test_proxy_of_the_environment(proxy: HttpServer) -> None:
    """MyID is reached through it."""
    with proxy, signed_in_session("http://myid.example.com/rest.core/api/") as session:
        session.get("people")

    assert ["http://myid.example.com/rest.core/api/people"] == [s.target for s in proxy.seen]


def test_this_machine(proxy: HttpServer, session: MyIDSession, server: HttpServer) -> None:
    """What runs on this machine, such as the sandbox, is never reached through a proxy."""
    with proxy:
        session.get("people")
        session.get(session.api_url.replace("127.0.0.1", "localhost") + "people", auth=lambda r: r)

    assert [] == proxy.seen
    assert [f"Bearer {TOKEN}", None] == [seen.authorization for seen in server.seen]
