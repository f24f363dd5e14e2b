"""A token whose ``sub`` is anything: signed in, without a name, and shown on one line."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.servers.http_server import HttpServer, json_body

from myid_notebook.explore.session import MyIDSession
from myid_notebook.session.words import signed_in_line
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.operator_name import look_up_operator
from myid_notebook.sign_in.without_browser import token_of_settings
from myid_notebook.untrusted_text import MAX_LENGTH

SUBJECTS = {
    "half a character": "\ud800x",
    "endless": "A" * 500_000,
    "escapes": "\x1b[31mred\nline\r\u202eback",
    "blanks": " \n\t ",
    "up": "..",
    "nothing printable": "\x00\x07",
}


def token_of(subject: str) -> str:
    """Return a token that stands for somebody for an hour."""
    claims = json.dumps({"sub": subject, "exp": time.time() + 3600}).encode()
    return f"e30.{urlsafe_b64encode(claims).decode().rstrip('=')}.x"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A MyID that knows nobody."""
    with HttpServer(lambda handler: json_body(handler, b"{}", 404)) as running:
        yield running


def check(session: MyIDSession) -> None:
    """Look at everything that shows who signed in."""
    assert session.signed_in
    assert session.operator is not None
    assert session.operator.name is None
    for shown in (
        str(session.operator),
        repr(session.operator),
        repr(session),
        signed_in_line(session),
    ):
        assert shown.isprintable()
        assert shown == " ".join(shown.split())
        assert len(shown) < MAX_LENGTH + 100
    assert str(session.operator)


@pytest.mark.parametrize("kind", SUBJECTS)
def test_sign_in(begin: Begin, server: HttpServer, kind: str) -> None:
    """The page says "Signed in", and so does the session."""
    body = {"access_token": token_of(SUBJECTS[kind]), "token_type": "Bearer"}
    server.answers["/token"] = lambda handler: json_body(handler, json.dumps(body).encode())
    login = begin(
        environ={"MYID_TOKEN_URL": f"{server.url}/token", "MYID_API_URL": f"{server.url}/api/"}
    )

    assert "Signed in to MyID" == open_page(redirect(login)).title

    assert login.wait(20)
    check(login.result())


@pytest.mark.parametrize("kind", SUBJECTS)
def test_given_token(server: HttpServer, kind: str) -> None:
    """The same with a token from the environment."""
    environ = {
        "MYID_SERVER": server.url,
        "MYID_CLIENT_ID": "c",
        "MYID_ACCESS_TOKEN": token_of(SUBJECTS[kind]),
    }
    settings = resolve({}, environ, {})
    with MyIDSession(settings.api_url) as session:
        token = token_of_settings(settings)
        session.sign_in(token)
        session.operator = look_up_operator(token, settings.api_url, None)

        check(session)
    assert [] == [seen.target for seen in server.seen if "people/" not in seen.target]
