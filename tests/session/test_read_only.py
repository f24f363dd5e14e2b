"""A session that is read-only sends what reads, and refuses the rest before it is sent."""

from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from support.servers.http_server import HttpServer, redirect_to

from myid_notebook.errors import ReadOnlySession
from myid_notebook.session import words
from myid_notebook.session.session import BearerSession


@pytest.fixture
def reader(session: BearerSession) -> BearerSession:
    """The session, read-only."""
    session.read_only = True
    return session


@pytest.mark.parametrize("method", ["GET", "get", "HEAD", "OPTIONS"])
def test_reading(reader: BearerSession, server: HttpServer, method: str) -> None:
    """What reads is sent."""
    with pytest.raises(ReadOnlySession):
        reader.post("people")
    reader.request(method, "people")

    assert [method.upper()] == [seen.method for seen in server.seen]


class _Signer(HTTPAdapter):
    """An adapter of the user's."""


def _as_post(request: requests.PreparedRequest) -> requests.PreparedRequest:
    request.method = "POST"
    return request


def _prepared(session: BearerSession, method: Any) -> requests.PreparedRequest:  # noqa: ANN401 - whatever somebody sets
    request = session.prepare_request(requests.Request("GET", "people"))
    request.method = method
    return request


CHANGES = {
    "post": lambda session: session.post("people", json={}),
    "put": lambda session: session.put("people/1", data=b"{}"),
    "patch": lambda session: session.patch("people/1"),
    "delete": lambda session: session.delete("people/1"),
    "another method": lambda session: session.request("PURGE", "people"),
    "blank": lambda session: session.request(" GET", "people"),
    "prepared": lambda session: session.send(_prepared(session, "POST")),
    "prepared, in small letters": lambda session: session.send(_prepared(session, "delete")),
    "prepared, bytes": lambda session: session.send(_prepared(session, b"POST")),
    "prepared, none": lambda session: session.send(_prepared(session, None)),
    "of another server": lambda session: session.post(f"{session.api_url}../../x"),
    "authentication that changes it": lambda session: session.get("people", auth=_as_post),
}


@pytest.mark.parametrize("adapter", [None, HTTPAdapter, _Signer])
@pytest.mark.parametrize("change", CHANGES)
def test_changing(
    reader: BearerSession, server: HttpServer, change: str, adapter: type[HTTPAdapter] | None
) -> None:
    """What may change something is not sent, and the message says how to lift that."""
    if adapter is not None:
        reader.mount("http://", adapter())

    with pytest.raises(ReadOnlySession, match=r"was not sent.*myid\.read_only = False"):
        CHANGES[change](reader)

    assert [] == server.seen
    reader.read_only = False
    assert reader.post("people").ok


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect(reader: BearerSession, server: HttpServer, status: int) -> None:
    """A redirect makes no change of what reads."""

    def answer(handler: Any) -> None:  # noqa: ANN401 - the server's own
        handler.send_response(status)
        handler.send_header("Location", "/rest.core/api/there")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answers["/rest.core/api/people"] = answer
    assert reader.get("people").ok
    assert ["GET", "GET"] == [seen.method for seen in server.seen]


def test_redirect_by_the_users_own_session(reader: BearerSession, server: HttpServer) -> None:
    """Who changes the method of redirects changes nothing, either."""
    server.answers["/rest.core/api/people"] = redirect_to("/rest.core/api/there")
    reader.rebuild_method = lambda request, _: _as_post(request) and None  # type: ignore[method-assign] # as a subclass may

    with pytest.raises(ReadOnlySession):
        reader.get("people")

    assert ["GET"] == [seen.method for seen in server.seen]


def test_words(reader: BearerSession) -> None:
    """It is told wherever the session is shown; signed out, there is nothing to read either."""
    for shown in (
        words.representation(reader, ""),
        words.card(reader, ""),
        words.status(reader)[-1],
        words.signed_in_line(reader),
    ):
        assert "read-only" in shown.lower()
    reader.bearer.from_setting = "MYID_ACCESS_TOKEN"
    assert "(not checked, read-only)" in words.representation(reader, "")
    reader.sign_out()

    assert "read-only" not in words.representation(reader, "")
