"""Errors of the API: MyID's own words, and what to do."""

import json
import pickle
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from support.servers.http_server import FixedAnswerServer, HttpServer, json_body, redirect_to
from support.values.oauth import token_response
from support.values.secrets import found

import myid_notebook
from myid_notebook.errors import MyIDError
from myid_notebook.explore.api_error import MyIDAPIError, error_of
from myid_notebook.explore.openapi import operations
from myid_notebook.explore.session import MyIDSession


class Server:
    """A server that responds with one status and body."""

    def __init__(self, server: HttpServer) -> None:
        self.session = MyIDSession(f"{server.url}/rest.core/api/")
        self.session.auth = None
        self._server = server

    def responds(self, status: int, body: bytes, *, everywhere: bool = False) -> None:
        """Respond like this from now on."""
        answer = lambda handler: json_body(handler, body, status)  # noqa: E731 - one line
        paths = ["people", "people/1", *(["people/%1B%5B31m%0A"] if everywhere else [])]
        self._server.answers = {f"/rest.core/api/{path}": answer for path in paths}


@pytest.fixture
def server() -> Iterator[Server]:
    """The server, and a session with it that needs no sign-in."""
    with HttpServer(lambda handler: json_body(handler, b"", 404)) as running:
        yield Server(running)


BODIES: dict[str, tuple[Any, str | None, str]] = {
    "code and message": ({"code": "WS123", "message": "No."}, "WS123", "No."),
    "number": ({"code": 7, "message": "No."}, "7", "No."),
    "problem (RFC 9457)": ({"title": "Bad", "detail": "Very bad", "status": 400}, None, "Very bad"),
    "OAuth": ({"error": "x", "error_description": "y"}, "x", "y"),
    "members (ASP.NET)": (
        {"title": "Invalid", "errors": {"expiresAfter": ["The value 'x' is not valid."]}},
        None,
        "expiresAfter: The value 'x' is not valid.",
    ),
    "members (ASP.NET before Core)": (
        {"Message": "The request is invalid.", "ModelState": {"person.name": ["Too long."]}},
        None,
        "person.name: Too long.",
    ),
    "members alone (ASP.NET)": ({"a": ["b"], "$.c": ["d"], "e": []}, None, "a: b; $.c: d"),
    "list alone (ASP.NET)": ([{"code": "W", "description": "b"}, "c"], None, "b; c"),
    "members of a library of rules": (
        {"errors": [{"propertyName": "a", "errorMessage": "b"}]},
        None,
        "b",
    ),
    "exception (ASP.NET before Core)": (
        {"Message": "An error has occurred.", "ExceptionMessage": "No such key."},
        None,
        "No such key.",
    ),
    "members in error": ({"error": {"code": "W", "errors": {"a": "b"}}}, "W", "a: b"),
    "several members": (
        {"errors": {"a": ["b", "c"], "": "d", "e": [None, 7, ""]}},
        None,
        "a: b; a: c; d",
    ),
    "list of errors": ({"Errors": [{"message": "b"}, "c", {"x": 1}]}, None, "b; c"),
    "empty errors": ({"title": "Bad", "errors": {}}, None, "Bad"),
    "odd errors": ({"title": "Bad", "errors": [[["x"]], 7]}, None, "Bad"),
    "object in error": ({"error": {"code": "WS2", "message": "No."}}, "WS2", "No."),
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
        (418, "MyID returned 418 I'm a Teapot for people."),
    ],
)
def test_advice(server: Server, status: int, advice: str) -> None:
    """Each says what to do, and who can do it."""
    server.responds(status, b"{}")

    with pytest.raises(MyIDAPIError, match=advice):
        server.session.search("people")


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        (
            "peple",
            "or is outside your scope.*Intercede's publications have no 'peple'; they have people,",
        ),
        ("people/1/devicez", r"no 'devicez' below people/1; they have devices, statusMappings\."),
        ("people/1", "MyID does not say which[.]$"),
        ("", "MyID does not say which[.]$"),
    ],
)
def test_name_that_no_publication_has(server: Server, path: str, advice: str) -> None:
    """A name that MyID does not have is told apart from a record out of scope, with a doubt: this
    MyID may have more than the publications.
    """
    with pytest.raises(MyIDAPIError, match=advice):
        server.session.get(path).raise_for_status()


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        (
            "peple",
            "404 Not Found for peple[.] MyID's API description has no 'peple'; it has people, ca",
        ),
        ("PEOPLE/1", "outside your scope; MyID does not say which[.]$"),
        ("people/1/x", "no 'x' below people/1[.]$"),
        ("devices", "has no 'devices'; it has cards, people[.]$"),
    ],
)
def test_name_that_this_myid_does_not_have(
    server: Server, tmp_path: Path, path: str, advice: str
) -> None:
    """Once the description of this MyID is read, it decides."""
    (tmp_path / "api.json").write_text(
        '{"paths": {"/api/people/{id}": {"get": {}}, "/cards": {"get": {}}}}'
    )
    operations(server.session, "", str(tmp_path / "api.json"))

    with pytest.raises(MyIDAPIError, match=advice):
        server.session.get(path).raise_for_status()


def test_names_of_any_length(server: Server, tmp_path: Path) -> None:
    """They are cut, and the path of the API itself is not one."""
    names = ["/", "", "/" + "x" * 9_000, "/" + "x" * 10_000]
    paths = {name: {"get": {}} for name in names}
    (tmp_path / "api.json").write_text(json.dumps({"paths": paths}))
    operations(server.session, "", str(tmp_path / "api.json"))

    with pytest.raises(MyIDAPIError, match=r"no 'y{59}…'; it has x{59}…[.]$"):
        server.session.get("y" * 500).raise_for_status()


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


class _OwnAdapter(HTTPAdapter):
    """An adapter of the user's, as those that sign, log or cache."""


class _OwnResponse(requests.Response):
    """A response of such an adapter."""


class _OwnKind(HTTPAdapter):
    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:  # noqa: ANN401 - requests' own signature
        made = _OwnResponse()
        vars(made).update(vars(super().build_response(req, resp)))
        return made


TOKEN = "plain-20-characters."
ENCODINGS: list[Callable[[str], str]] = [
    str,
    lambda text: "".join(f"%{ord(letter):02x}" for letter in text),
    lambda text: b64encode(text.encode()).decode(),
]


@pytest.mark.parametrize("adapter", [None, HTTPAdapter, _OwnAdapter, _OwnKind])
@pytest.mark.parametrize("place", ["reason", "body", "title", "JSON", "path"])
@pytest.mark.parametrize("encode", ENCODINGS)
def test_what_a_server_repeats(
    place: str, adapter: type[HTTPAdapter] | None, encode: Callable[[str], str]
) -> None:
    """In one line, without characters that control a terminal, and without the session's token;
    whichever adapter the user has mounted, also for a hook that raises.
    """
    said = f"\x1b[31msent {encode(TOKEN)}"
    bodies = {
        "body": said,
        "title": f"<title>{said}</title>",
        "JSON": json.dumps({"message": said, "code": encode(TOKEN)}),
    }

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if place == "path" and TOKEN not in handler.path:
            return redirect_to(f"/rest.core/api/{TOKEN}")(handler)
        handler.send_response(500, said if place == "reason" else None)
        handler.end_headers()
        return handler.wfile.write(bodies.get(place, "").encode()) and None

    with HttpServer(answer) as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.sign_in(token_response(access_token=TOKEN))
        if adapter is not None:
            session.mount("http://", adapter())
        response = session.get("people")
        for call in (
            response.raise_for_status,
            lambda: session.get(
                "people", hooks={"response": lambda it, **_: it.raise_for_status()}
            ),
            lambda: session.fetch("people"),
        ):
            with pytest.raises(MyIDAPIError) as caught:
                call()
            error = caught.value
            told = f"{error} {error.text} {error.code} {error.path}"
            assert told.isprintable()
            assert [] == found({"token": TOKEN}, told)
            assert encode(TOKEN) not in told
        assert [] == response.request.hooks["response"]
        assert type(response) is not _OwnResponse or adapter is _OwnKind


class _Bare(BaseAdapter):
    """An adapter that fills in no more than the status and its name."""

    def send(self, *_: object, **__: object) -> requests.Response:
        response = requests.Response()
        response.status_code, response.reason = 401, f"sent {TOKEN}"
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response

    def close(self) -> None:
        pass


@pytest.mark.parametrize("adapter", [None, _Bare])
def test_response_that_the_user_made(adapter: type[_Bare] | None) -> None:
    """By an adapter without an address or request, or by a hook that replaces the first one."""

    def replace(_: requests.Response, **__: object) -> requests.Response:
        return _Bare().send()

    with HttpServer() as server:
        session = MyIDSession(f"{server.url}/rest.core/api/")
        session.sign_in(token_response(access_token=TOKEN))
        if adapter is not None:
            session.mount("http://", adapter())
        response = session.get("people", hooks=None if adapter else {"response": replace})

    with pytest.raises(MyIDAPIError, match="MyID returned 401 sent … for"):
        response.raise_for_status()


PAGES = {
    "error": (404, b"{}"),
    "no collection": (200, b'{"id": 1}'),
    "no rows": (200, b'{"results": [7]}'),
    "perhaps more": (200, b'{"results": [{"a": 1}], "more": true}'),
    "ignored": (200, b'{"results": [{"a": 1}], "links": []}'),
}


@pytest.mark.parametrize("page", PAGES)
def test_path_that_controls_a_terminal(
    server: Server, page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path may come from a row, so no message and no line shows it as it is."""
    server.responds(*PAGES[page], everywhere=True)
    told = []
    for call in (server.session.search, server.session.fetch):
        try:
            call("people/\x1b[31m\n" + ("?x=1" if page == "ignored" else ""))
        except MyIDError as error:
            told.append(str(error))

    told += capsys.readouterr().out.splitlines()
    assert len(told) >= 1
    assert [True] * len(told) == [each.isprintable() for each in told]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "head",
    [
        "302 Found\r\nLocation: http://127.0.0.1:9/{}",
        "302 Found\r\nLocation: ftp://{}/",
        "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    ],
)
@pytest.mark.parametrize("encode", ENCODINGS)
def test_what_an_exception_of_requests_repeats(
    encode: Callable[[str], str],
    head: str,
    stream: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """Where requests or urllib3 say what a server sent, the token is hidden too, in the chain of
    causes as in the message.
    """
    sent = f"HTTP/1.1 {head.format(encode(TOKEN))}\r\n\r\n".encode()
    with FixedAnswerServer(sent) as server:
        session = MyIDSession(f"http://127.0.0.1:{server.port}/rest.core/api/")
        session.sign_in(token_response(access_token=TOKEN))
        with session, pytest.raises(requests.RequestException) as caught:
            session.get("people", stream=stream).content  # noqa: B018 - it is read there
    told = "".join(format_exception(caught.value)) + repr(caught.value)
    assert [] == found({"token": TOKEN}, told)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("9" * 5000, 0),
        ("-1", 0),
        ("soon", 0),
        ("1.5", 0),
        ("\u0661", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", 0),
        ("", 0),
    ],
)
def test_wait_that_myid_asks_for(retry_after: str, seconds: float) -> None:
    """It is an attribute of the error, in seconds; what nobody can read asks for nothing."""
    response = requests.Response()
    response.status_code = 429
    response.headers["Retry-After"] = retry_after

    assert seconds == error_of(response, "people", b"").retry_after


def test_reason_in_bytes() -> None:
    """Adapters may leave it as it came."""
    response = requests.Response()
    response.status_code, response.reason = 500, b"Out\xff\x1border"  # type: ignore[assignment] # as requests itself expects

    assert "500 Out\ufffd order for people." in str(error_of(response, "people", b""))


def test_wait_until_a_date() -> None:
    """It counts from now."""
    response = requests.Response()
    response.status_code = 503
    response.headers["Retry-After"] = formatdate(time.time() + 90, usegmt=True)

    assert 80 < error_of(response, "people", b"").retry_after <= 90


def test_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says which host, and that the kernel must reach it."""
    monkeypatch.setattr("myid_notebook.explore.silence._PAUSE", 0.01)
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
