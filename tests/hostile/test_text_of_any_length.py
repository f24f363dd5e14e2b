"""Whatever reads text from outside takes ten times as long for ten times the text."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from io import BytesIO
from tempfile import NamedTemporaryFile

import pytest
import requests
from support.values.oauth import authorization_request
from support.values.settings import settings_of

from myid_notebook.doctor.check import Environment, Examination
from myid_notebook.doctor.probe import Probe
from myid_notebook.doctor.server_checks import authorize_endpoint_check, clock_check
from myid_notebook.errors import MyIDError
from myid_notebook.explore.api_error import error_of, not_usable
from myid_notebook.explore.get import Answer
from myid_notebook.explore.openapi import operations
from myid_notebook.explore.pages import Reading
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel.magics import _words
from myid_notebook.oauth.query import query_from_pasted_url
from myid_notebook.oauth.token_response import claims, parse_token_response
from myid_notebook.session.state import Operator
from myid_notebook.settings.messages import presentable
from myid_notebook.transport.client import HTTPResponse, moment_of
from myid_notebook.untrusted_text import outside_text

PIECES = [
    *("<", "<title>", "<title", "<a ", "</title", "<title></", "Sorry, there was an error<"),
    *("&#1", "&#x1", "&", "&amp", "%4", "%41", "\\", "\\u0041", "\\\\u", "+", "=", "--o="),
    *('"', '"a ', "' '", " ", "a ", "a", "0", ".", "/", "..%2f", "[", '{"a":', "HTTP Error 500.3"),
    *(
        "next ",
        "first ",
        "2026-01-01T",
        "\x1b[",
        "\u0130",
        "\ud800",
        ",",
        ";q=0 ",
        "@",
        "://",
        "-",
        "é",
    ),
]


def _response(text: str, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code, response.reason = 500, text
    response.raw = BytesIO(text.encode(errors="replace"))
    response.headers.update({"Retry-After": text, **headers})
    return response


def _examination(text: str) -> Examination:
    examination = Examination(
        probe=Probe(1.0),
        environment=Environment(environ={}),
        settings=settings_of(),
        redirect_uri="http://localhost:8888/myid/callback",
    )
    vars(examination)["authorize_page"] = HTTPResponse(
        status=200,
        url="https://myid.example.com/",
        headers={"Date": text, "Content-Type": text},
        body=text.encode(errors="replace"),
    )
    return examination


@cache  # a session of its own for each text would read the system's certificates each time
def _session() -> MyIDSession:
    return MyIDSession("http://127.0.0.1:9/rest.core/api/")


def _described(text: str) -> object:
    parameters = [{"in": "query", "name": text}]
    members = {"summary": text, "permissions": {text: [text]}, "parameters": parameters}
    with NamedTemporaryFile(suffix=".json") as file:
        file.write(json.dumps({"paths": {text: {"get": members}}}).encode())
        file.flush()
        return operations(_session(), text, file.name)


def _page(text: str) -> object:
    return authorize_endpoint_check(_examination(text))


def _linked(page: dict[str, object]) -> None:
    Reading(_session(), "people", "people").receive(Answer({"results": [], **page}))


READERS: dict[str, Callable[[str], object]] = {
    "text for a message": lambda text: outside_text(text, ["the-token-of-the-tests"]),
    "text without a limit": lambda text: outside_text(text, ["secret"], length=len(text)),
    "error body": lambda text: error_of(_response(text), "people", text.encode(errors="replace")),
    "error in JSON": lambda text: error_of(
        _response(""), "people", json.dumps({"message": text}).encode()
    ),
    "operations": _described,
    "content type": lambda text: not_usable(_response(""), "people", text),
    "sign-in page": _page,
    "error page": lambda text: _page(f"Sorry, there was an error{text}"),
    "page with a title": lambda text: _page(f"<title>{text}</title>"),
    "page that fails": lambda text: _page(f"HTTP Error {text}"),
    "clock": lambda text: clock_check(_examination(text)),
    "date": moment_of,
    "name": lambda text: str(Operator(id=text, name=text)),
    "token response": lambda text: parse_token_response(
        400, json.dumps({"error": text}).encode(), requested_at=0.0, hidden=["secret"]
    ),
    "token": claims,
    "redirect": authorization_request().parse_redirect,
    "pasted address": query_from_pasted_url,
    "link": lambda text: _linked({"links": [{"description": text, "href": "people?page=2"}]}),
    "words of a link": lambda text: _linked(
        {"links": [{"a": f"next {text}x", "b": f"first {text}x", "href": "people?page=2"}]}
    ),
    "address of a link": lambda text: _linked({"links": {"next": text, text: {"url": text}}}),
    "sign of more": lambda text: _linked({text: text, "more": text}),
    "magic": _words,
    "setting": lambda text: presentable("server", text),
    "table": lambda text: Rows([{"a": text, text: text}])._repr_html_(),
    "text of a table": lambda text: repr(Rows([{"a": text, text: text}])),
    "types of a table": lambda text: Rows([{"a": text}]).to_pandas(),
}
"""Everything that sees what MyID, a server in its place, a browser or a clipboard says."""


@pytest.mark.parametrize("reader", READERS)
def test_time(reader: str) -> None:
    """A megabyte of tags or quotation marks keeps no kernel busy."""
    read = READERS[reader]

    def seconds(size: int, piece: str) -> float:
        text = piece * (size // len(piece))
        started = time.thread_time()  # of a processor, whatever else the machine does
        with suppress(MyIDError, ValueError, RecursionError):
            read(text)
        return time.thread_time() - started

    seconds(2_000, "a")  # the first imports what it needs
    slow = {}
    for piece in PIECES:
        limit = 30 * seconds(2_000, piece) + 0.02
        # A collection of garbage can fall into one of them, not into both.
        if seconds(20_000, piece) > limit and (took := seconds(20_000, piece)) > limit:
            slow[piece] = (took, limit)
    assert {} == slow
