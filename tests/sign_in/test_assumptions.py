"""What a person sees where a token response is not as docs/assumptions.md has it."""

import json

import pytest
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import Begin, redirect
from support.servers.http_server import HttpServer, json_body


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("opaque", "signed in as an unnamed user"),
        ("e30.eyJzdWIiOiAiNDIifQ.x", "signed in as the user with id 42"),
    ],
)
def test_token_that_says_less(begin: Begin, token: str, shown: str) -> None:
    """Without a time of expiry, or with a subject that is nobody's id."""
    body = json.dumps({"access_token": token, "token_type": "Bearer"}).encode()
    with HttpServer(lambda handler: json_body(handler, body)) as server:
        login = begin(environ={"MYID_TOKEN_URL": server.url, "MYID_API_URL": f"{server.url}/api/"})
        open_page(redirect(login))

        assert repr(login.result()).endswith(f": {shown}>")
