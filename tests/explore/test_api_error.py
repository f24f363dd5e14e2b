"""Errors of the API: MyID's own words, and what to do."""

import json
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from support.servers.http_server import HttpServer, json_body

import myid_notebook
from myid_notebook.errors import MyIDError
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.session import MyIDSession


class Server:
    """A server that responds with one status and body."""

    def __init__(self, server: HttpServer) -> None:
        self.session = MyIDSession(f"{server.url}/rest.core/api/")
        self.session.auth = None
        self._server = server

    def responds(self, status: int, body: bytes) -> None:
        """Respond like this from now on."""
        answer = lambda handler: json_body(handler, body, status)  # noqa: E731 - one line
        self._server.answers = dict.fromkeys(
            ["/rest.core/api/people", "/rest.core/api/people/1"], answer
        )


@pytest.fixture
def server() -> Iterator[Server]:
    """The server, and a session with it that needs no sign-in."""
    with HttpServer() as running:
        yield Server(running)


BODIES: dict[str, tuple[Any, str | None, str]] = {
    "code and message": ({"code": "WS123", "message": "No."}, "WS123", "No."),
    "number": ({"code": 7, "message": "No."}, "7", "No."),
    "problem (RFC 9457)": ({"title": "Bad", "detail": "Very bad", "status": 400}, None, "Very bad"),
    "OAuth": ({"error": "x", "error_description": "y"}, "x", "y"),
    "only code": ({"code": "WS1"}, "WS1", ""),
    "text": ("a text", None, "a text"),
    "nothing known": ({"reason": "x"}, None, ""),
    "not text": ({"code": None, "message": {"a": 1}}, None, ""),
    "true": ({"code": True, "message": False}, None, ""),
}
"""Bodies of errors; MyID documents none."""


@pytest.mark.parametrize("kind", BODIES)
def test_code_and_text(server: Server, kind: str) -> None:
    """MyID's own code and words are found in the forms that are usual."""
    body, code, text = BODIES[kind]
    server.responds(400, json.dumps(body).encode())

    for call in (server.session.search, server.session.fetch):
        with pytest.raises(MyIDAPIError) as caught:
            call("people")
        error = caught.value
        assert (400, "people", code, text) == (error.status, error.path, error.code, error.text)
        assert (text or "Bad Request") in str(error)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"<html><title>502 &amp; no more</title><body>x", "502 & no more"),
        (b"<b>no title</b>", ""),
        (b"plain words", "plain words"),
        (b"", ""),
        (b"\xff\xfe\x00", ""),
        (b'{"message": "' + b"x" * 300_000 + b'"}', ""),
        (b"[" * 100_000, ""),
        (b'{"message": "line\\nbreak \\u202e bidi"}', "line break bidi"),
    ],
)
def test_bodies_that_are_no_json(server: Server, body: bytes, shown: str) -> None:
    """Of a page of HTML the title is shown; nothing is shown that is long or cannot be printed."""
    server.responds(400, body)

    with pytest.raises(MyIDAPIError) as caught:
        server.session.search("people")

    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()
    assert shown in str(caught.value)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "Check the parameters"),
        (401, "Run %myid_login"),
        (403, "Ask your MyID administrator for a role"),
        (404, "does not exist or is outside your scope"),
        (500, "rest.core cannot reach web.oauth2"),
        (418, "MyID returned 418 for people"),
    ],
)
def test_advice(server: Server, status: int, advice: str) -> None:
    """Each says what to do, and who can do it."""
    server.responds(status, b"{}")

    with pytest.raises(MyIDAPIError, match=advice):
        server.session.search("people")


def test_raise_for_status(server: Server) -> None:
    """``raise_for_status`` of this session's responses raises it too; good ones raise nothing."""
    server.responds(404, b'{"code": "WS1", "message": "Gone."}')
    response = server.session.get("people/1")

    with pytest.raises(MyIDAPIError, match=r'404 for people/1: "Gone\." \(WS1\)'):
        response.raise_for_status()

    server.responds(200, b"{}")
    assert server.session.get("people/1").raise_for_status() is None  # type: ignore[func-returns-value] # that is what is tested


def test_is_an_error_of_requests(server: Server) -> None:
    """Code that knows requests catches it, and finds the response."""
    server.responds(403, b"{}")
    response = server.session.get("people")

    with pytest.raises(requests.HTTPError) as caught:
        response.raise_for_status()

    assert isinstance(caught.value, MyIDError)
    assert caught.value.response is response
    assert 403 == caught.value.response.status_code
    assert myid_notebook.MyIDAPIError is MyIDAPIError


def test_stored_response(server: Server) -> None:
    """A response may be pickled, and raises the same afterwards."""
    server.responds(404, b"{}")

    restored = pickle.loads(pickle.dumps(server.session.get("people")))  # noqa: S301 - just made

    with pytest.raises(MyIDAPIError):
        restored.raise_for_status()


def test_response_of_another_server(server: Server) -> None:
    """Only the API's own responses are MyID's."""
    with HttpServer(lambda handler: json_body(handler, b"{}", 404)) as other:
        response = server.session.get(f"{other.url}/x")

        with pytest.raises(requests.HTTPError) as caught:
            response.raise_for_status()

    assert not isinstance(caught.value, MyIDError)


def test_streamed_response(server: Server) -> None:
    """It is read for its words; if it was read already, there are none."""
    server.responds(404, b'{"message": "Gone."}')
    response = server.session.get("people", stream=True)
    with pytest.raises(MyIDAPIError, match="Gone"):
        response.raise_for_status()

    response = server.session.get("people", stream=True)
    assert b"".join(response.iter_content(10))
    with pytest.raises(MyIDAPIError, match="404"):
        response.raise_for_status()


def test_unreachable() -> None:
    """One line says which host, and that the kernel must reach it."""
    session = MyIDSession("http://127.0.0.1:9/rest.core/api/")
    session.auth = None
    session.timeout = (0.5, 0.5)

    with pytest.raises(MyIDAPIError, match=r"127\.0\.0\.1:9 cannot be reached") as caught:
        session.fetch("people")

    assert caught.value.status is None
    assert "this kernel must reach MyID" in str(caught.value)


def test_users_line(server: Server) -> None:
    """A notebook shows the user's own line above it, not ours and not those of requests."""
    server.responds(404, b"{}")
    with pytest.raises(MyIDAPIError) as caught:
        server.session.get("people").raise_for_status()

    place, message = caught.value._render_traceback_()

    assert 'server.session.get("people").raise_for_status()' in place
    assert message.startswith("MyIDAPIError: MyID returned 404")
