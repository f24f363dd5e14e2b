"""Relative paths join the API base; absolute URLs stay what they are."""

import pytest
import requests
from support.servers.http_server import HttpServer
from support.values.oauth import TOKEN, signed_in_session

from myid_notebook.session.session import BearerSession

JOINED = {
    "people": "/rest.core/api/people",
    "/people": "/rest.core/api/people",
    "people/8F1D?x=1": "/rest.core/api/people/8F1D?x=1",
    "people/a:b": "/rest.core/api/people/a:b",
    "/rest.core/api/people": "/rest.core/api/people",
    "/REST.Core/API/people": "/REST.Core/API/people",
    "rest.core/api/people": "/rest.core/api/rest.core/api/people",
    "//evil.example.com/x": "/rest.core/api/evil.example.com/x",
    "": "/rest.core/api/",
    "ftp://evil.example.com/x": "/rest.core/api/ftp://evil.example.com/x",
}


@pytest.mark.parametrize("path", JOINED)
def test_relative_path_joins_the_base(
    session: BearerSession, server: HttpServer, path: str
) -> None:
    """With or without a slash, as an href of an answer, and never to another server."""
    session.get(path)

    assert [JOINED[path]] == [seen.target for seen in server.seen]
    assert f"Bearer {TOKEN}" == server.seen[0].authorization


@pytest.mark.parametrize("path", ["people", "/people", "//evil.example.com/people"])
def test_api_at_the_root(server: HttpServer, path: str) -> None:
    """An API without a path of its own joins the same way."""
    with signed_in_session(f"{server.url}/") as session:
        url = session.prepare_request(requests.Request("GET", path)).url

    assert str(url).startswith(f"{server.url}/")
    assert str(url).endswith("people")


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_every_method(session: BearerSession, server: HttpServer, method: str) -> None:
    """All of them are those of requests."""
    assert 200 == getattr(session, method)("people").status_code
    assert (method.upper(), "/rest.core/api/people") == server.seen[0][:2]
    assert "application/json" == server.seen[0].headers["accept"]


def test_absolute_url_stays(session: BearerSession, server: HttpServer) -> None:
    """One of the same server carries the token, wherever it leads there."""
    session.get(f"{server.url}/elsewhere?x=1")

    assert "/elsewhere?x=1" == server.seen[0].target
    assert f"Bearer {TOKEN}" == server.seen[0].authorization


def test_request_may_be_prepared_twice(session: BearerSession, server: HttpServer) -> None:
    """A request object that was used once can be used again."""
    request = requests.Request("GET", "people", params={"q": "jo*"})

    for _ in range(2):
        session.send(session.prepare_request(request))

    assert ["/rest.core/api/people?q=jo%2A"] * 2 == [seen.target for seen in server.seen]
