"""The same sign-in at an authorization server of other authors, without a line changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from support.browser.callback_page import open_page
from support.browser.pending_sign_in import link
from support.machine.ports import free_port
from support.servers.authlib_server import AuthlibProcess

from myid_notebook.callback.route import choose_route
from myid_notebook.errors import IssuerMismatch, SignInDenied, TokenEndpointError, TokenRefused
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import resolve
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

Begin = Callable[..., SignIn]


@pytest.fixture(scope="module")
def redirect_uri() -> str:
    """What every client is registered with."""
    return f"http://localhost:{free_port()}/any/path"


@pytest.fixture(scope="module")
def server(redirect_uri: str) -> Iterator[AuthlibProcess]:
    """The server, which names itself rightly."""
    with AuthlibProcess(redirect_uri) as running:
        yield running


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Jupyter runtime folder of the test's own."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))


@contextmanager
def pending(
    server: AuthlibProcess, redirect_uri: str, client: str, **changes: str
) -> Iterator[SignIn]:
    """Begin a sign-in at the server, and end it."""
    environ = {**server.environ(client), "MYID_REDIRECT_URI": redirect_uri, **changes}
    settings = resolve({}, environ, {})
    with BearerSession(settings.api_url) as session:
        sign_in = SignIn(settings, choose_route(redirect_uri, {}, paste=False), session, timeout=30)
        sign_in.start()
        yield sign_in
        sign_in.cancel(cancelled())


def redirect_of(url: str) -> str:
    """Open a link as the browser does and return where it leads."""
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(url, allow_redirects=False, timeout=20)
    assert answer.is_redirect, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize("client", ["post", "basic", "public"])
def test_sign_in(server: AuthlibProcess, redirect_uri: str, client: str) -> None:
    """Secret in the body, in the header, or none; the token opens the API."""
    with pending(server, redirect_uri, client) as sign_in:
        page = open_page(redirect_of(link(sign_in)))

        assert "Signed in to MyID" == page.title
        assert sign_in.wait(10)
        people = sign_in.result().get("people").json()["results"]
    assert [{"name": "Jane Doe"}] == people
    assert sign_in.session.expires_in is not None


def test_issuer_left_out(redirect_uri: str) -> None:
    """Most servers send none."""
    with (
        AuthlibProcess(redirect_uri, "none") as server,
        pending(server, redirect_uri, "post") as sign_in,
    ):
        location = redirect_of(link(sign_in))
        assert "iss=" not in location
        assert "Signed in to MyID" == open_page(location).title


def test_wrong_issuer(redirect_uri: str) -> None:
    """The code of another server is not sent anywhere (RFC 9207)."""
    with AuthlibProcess(redirect_uri, "wrong") as server:
        with pending(server, redirect_uri, "post") as sign_in:
            open_page(redirect_of(link(sign_in)))
            assert sign_in.wait(10)

        with pytest.raises(IssuerMismatch, match=r"https://evil\.example"):
            sign_in.result()


def test_denied(server: AuthlibProcess, redirect_uri: str) -> None:
    """Whoever cancels there is told so here; nobody is signed in as the client instead."""
    with pending(server, redirect_uri, "post") as sign_in:
        page = open_page(redirect_of(link(sign_in).replace("/authorize?", "/deny?")))
        assert sign_in.wait(10)

    assert "Not signed in" == page.title
    with pytest.raises(SignInDenied, match="access_denied") as caught:
        sign_in.result()
    assert "access_denied" == caught.value.error
    assert not sign_in.session.signed_in


def test_code_that_was_used(server: AuthlibProcess, redirect_uri: str) -> None:
    """A code is good once; presenting it again is an error in words, never a retry."""
    with pending(server, redirect_uri, "post") as sign_in:
        used = redirect_of(link(sign_in))
        open_page(used)
        assert sign_in.wait(10)
    with pending(server, redirect_uri, "post") as again:
        mine = dict(parse_qsl(urlsplit(redirect_of(link(again))).query))
        theirs = dict(parse_qsl(urlsplit(used).query))
        query = urlencode({**mine, "code": theirs["code"]})
        open_page(f"{redirect_uri}?{query}")
        assert again.wait(10)

    with pytest.raises(TokenRefused, match="invalid_grant"):
        again.result()


@pytest.mark.parametrize("client", ["post", "basic"])
def test_wrong_secret(server: AuthlibProcess, redirect_uri: str, client: str) -> None:
    """401 here, 400 there: the same error, naming the setting and not the secret."""
    changes = {"MYID_CLIENT_SECRET": "of-somebody-else"}
    with pending(server, redirect_uri, client, **changes) as sign_in:
        open_page(redirect_of(link(sign_in)))
        assert sign_in.wait(10)

    with pytest.raises(TokenRefused, match="MYID_CLIENT_SECRET") as caught:
        sign_in.result()
    assert "invalid_client" == caught.value.error
    assert "of-somebody-else" not in str(caught.value)


def test_redirect_uri_that_is_not_registered(server: AuthlibProcess) -> None:
    """The server keeps that error on its own page; the sign-in goes on waiting."""
    with pending(server, f"http://localhost:{free_port()}/other", "post") as sign_in:
        with requests.Session() as browser:
            browser.trust_env = False
            answer = browser.get(link(sign_in), allow_redirects=False, timeout=20)

        assert 400 <= answer.status_code < 500
        assert not sign_in.finished.done()


def test_token_url_that_is_none(server: AuthlibProcess, redirect_uri: str) -> None:
    """A page of the right server is still no token endpoint."""
    changes = {"MYID_TOKEN_URL": f"{server.url}/nowhere"}
    with pending(server, redirect_uri, "post", **changes) as sign_in:
        open_page(redirect_of(link(sign_in)))
        assert sign_in.wait(10)

    with pytest.raises(TokenEndpointError, match="MYID_TOKEN_URL"):
        sign_in.result()
