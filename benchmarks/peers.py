"""The peers: what their users write to sign in, and to send a request.

Every import is where it is used: a peer that is not installed is said to be absent.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import os
import queue
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import requests
from harness import CannotDo
from support.machine.ports import free_port

TOKEN = "the-access-token-of-the-benchmarks"  # noqa: S105 - of nothing
CLIENT_ID, CLIENT_SECRET = "myid.notebook", "the-secret-of-the-benchmarks"
SCOPE = "myid.rest.basic"

RESPONSE = f"""{{
  "access_token": "{TOKEN}", "token_type": "Bearer", "expires_in": 3600, "scope": "{SCOPE}",
  "resource_server": "myid", "other_tokens": [],
  "issuer": "{{server}}", "authorization_endpoint": "{{server}}/connect/authorize",
  "token_endpoint": "{{server}}/connect/token"
}}"""
"""A token, as each peer wants it, and a discovery document besides: one body for all requests."""

READY = 0.05
"""Seconds from the link until the redirect is sent: the peer listens by then."""

DISTRIBUTIONS = (
    "msal",
    "requests-oauthlib",
    "google-auth-oauthlib",
    "Authlib",
    "globus-sdk",
    "openeo",
    "databricks-sdk",
    "requests_oauth2client",
    "httpx",
    "Kqlmagic",
    "pandas",
)
"""What scripts/bench installs, besides the package."""

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


@dataclass(frozen=True)
class Server:
    """Where a peer signs in.

    Args:
        base: of the tiny server, which gives a token to everybody.
        port: where redirects go.
    """

    base: str
    port: int

    @property
    def authorize_url(self) -> str:
        """Where the link leads."""
        return f"{self.base}/connect/authorize"

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return f"{self.base}/connect/token"

    @property
    def redirect_uri(self) -> str:
        """Where redirects go."""
        return f"http://localhost:{self.port}/"


class Browser(webbrowser.BaseBrowser):
    """A browser that follows a link at once: it sends the redirect, and notes when.

    It takes the place of the browser that ``webbrowser`` opens.

    Args:
        ready: seconds until then.
    """

    def __init__(self, ready: float = READY) -> None:
        super().__init__("benchmark")
        self.sent = 0.0
        self._ready = ready
        self._threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
        webbrowser.register(self.name, None, self, preferred=True)

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: ARG002, FBT001, FBT002 - webbrowser's
        """Follow a link."""
        thread = threading.Thread(target=self._follow, args=(url,), daemon=True)
        thread.start()
        self._threads.put(thread)
        return True

    def join(self) -> None:
        """Wait until the page has come."""
        self._threads.get().join(60)

    def _follow(self, url: str) -> None:
        time.sleep(self._ready)
        given = dict(parse_qsl(urlsplit(url).query))
        form = given.get("response_mode") == "form_post"
        end = time.monotonic() + 10
        while time.monotonic() < end:
            self.sent = time.perf_counter()
            with contextlib.suppress(ConnectionRefusedError):  # some listen only now
                send_redirect(given["redirect_uri"], given.get("state", ""), form=form)
                return
            time.sleep(0.001)


def send_redirect(
    redirect_uri: str, state: str, *, form: bool = False, headers: Mapping[str, str] | None = None
) -> bytes:
    """Send a redirect as a browser does, and return the page.

    Args:
        redirect_uri: where to.
        state: of the authorization request.
        form: in the body of a POST.
        headers: of the browser.
    """
    target = urlsplit(redirect_uri)
    query = urlencode({"code": "the-code", "state": state})
    path = target.path or "/"
    first = f"POST {path}" if form else f"GET {path}?{query}"
    body = query if form else ""
    sent = {"Host": target.netloc, "Connection": "close", **(headers or {})}
    if form:
        sent["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    request = f"{first} HTTP/1.1\r\n{head}\r\n"
    page = b""
    with socket.create_connection(("127.0.0.1", target.port or 80), 60) as connection:
        connection.sendall((request + body).encode())
        while received := connection.recv(65536):
            page += received
    return page


class _Redirect(BaseHTTPRequestHandler):
    query = ""

    def do_GET(self) -> None:
        type(self).query = urlsplit(self.path).query
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Signed in")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def listen_once(server: Server, link: str, browser: Browser) -> str:
    """Open a link, and return the address of the redirect that a bare listener receives."""
    with HTTPServer(("localhost", server.port), _Redirect) as listener:
        browser.open(link)
        listener.handle_request()
    return f"{server.redirect_uri}?{_Redirect.query}"


SignIn = Callable[[Server, Browser], object]


def bare(server: Server, browser: Browser) -> object:
    """Do what every sign-in must do, and nothing else."""
    given = {"redirect_uri": server.redirect_uri, "state": "the-state"}
    back = listen_once(server, f"{server.authorize_url}?{urlencode(given)}", browser)
    found = parse_qs(urlsplit(back).query)
    assert found["state"] == ["the-state"]
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "code": found["code"][0],
        "redirect_uri": server.redirect_uri,
    }
    token = requests.post(server.token_url, data=form, timeout=30).json()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token['access_token']}"
    return session


def requests_oauthlib(server: Server, browser: Browser) -> object:
    """Sign in with the bare listener, because it has none."""
    from requests_oauthlib import OAuth2Session  # noqa: PLC0415 - see above

    session = OAuth2Session(CLIENT_ID, redirect_uri=server.redirect_uri, scope=[SCOPE], pkce="S256")
    link, _ = session.authorization_url(server.authorize_url)
    back = listen_once(server, link, browser)
    session.fetch_token(server.token_url, authorization_response=back, client_secret=CLIENT_SECRET)
    return session


def authlib(server: Server, browser: Browser) -> object:
    """Sign in with the bare listener, because it has none."""
    from authlib.common.security import generate_token  # noqa: PLC0415 - see above
    from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415 - the same

    session = OAuth2Session(
        CLIENT_ID,
        CLIENT_SECRET,
        redirect_uri=server.redirect_uri,
        scope=SCOPE,
        code_challenge_method="S256",
    )
    verifier = generate_token(48)
    link, _ = session.create_authorization_url(server.authorize_url, code_verifier=verifier)
    back = listen_once(server, link, browser)
    session.fetch_token(server.token_url, authorization_response=back, code_verifier=verifier)
    return session


def google(server: Server, browser: Browser) -> object:
    """Sign in through its own server."""
    from google_auth_oauthlib.flow import InstalledAppFlow  # noqa: PLC0415 - see above

    assert browser.name
    config = {
        "installed": {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "auth_uri": server.authorize_url,
            "token_uri": server.token_url,
        }
    }
    flow = InstalledAppFlow.from_client_config(config, [SCOPE])
    flow.run_local_server(port=server.port, authorization_prompt_message=None)
    return flow.authorized_session()


def databricks(server: Server, browser: Browser) -> object:
    """Sign in through its own server."""
    from databricks.sdk.oauth import OAuthClient, OidcEndpoints  # noqa: PLC0415 - see above

    assert browser.name
    endpoints = OidcEndpoints(server.authorize_url, server.token_url)
    client = OAuthClient(endpoints, server.redirect_uri, CLIENT_ID, [SCOPE], CLIENT_SECRET)
    credentials = client.initiate_consent().launch_external_browser()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {credentials.token().access_token}"
    return session


def globus(server: Server, browser: Browser) -> object:
    """Sign in through its own server."""
    os.environ["GLOBUS_SDK_SERVICE_URL_AUTH"] = f"{server.base}/"
    import globus_sdk  # noqa: PLC0415 - see above
    from globus_sdk.gare import GlobusAuthorizationParameters  # noqa: PLC0415 - the same
    from globus_sdk.login_flows import LocalServerLoginFlowManager  # noqa: PLC0415 - the same

    assert browser.name
    manager = LocalServerLoginFlowManager(globus_sdk.NativeAppAuthClient(CLIENT_ID))
    asked = GlobusAuthorizationParameters(required_scopes=[SCOPE])
    tokens = manager.run_login_flow(asked)
    return globus_sdk.AccessTokenAuthorizer(tokens["access_token"])


def openeo(server: Server, browser: Browser) -> object:
    """Sign in through its own server."""
    from openeo.rest.auth.auth import BearerAuth  # noqa: PLC0415 - see above
    from openeo.rest.auth.oidc import (  # noqa: PLC0415 - the same
        OidcAuthCodePkceAuthenticator,
        OidcClientInfo,
        OidcProviderInfo,
    )

    provider = OidcProviderInfo(issuer=server.base, scopes=[SCOPE])
    client = OidcClientInfo(CLIENT_ID, provider, CLIENT_SECRET)
    authenticator = OidcAuthCodePkceAuthenticator(client, webbrowser_open=browser.open)
    return BearerAuth(authenticator.get_tokens().access_token)


def msal(server: Server, browser: Browser) -> object:
    """Sign in through its own server; by its own OAuth client, for msal itself insists on https."""
    from msal.oauth2cli.oauth2 import Client  # noqa: PLC0415 - see above

    assert browser.name
    endpoints = {
        "authorization_endpoint": server.authorize_url,
        "token_endpoint": server.token_url,
    }
    client = Client(
        endpoints, CLIENT_ID, client_secret=CLIENT_SECRET, http_client=requests.Session()
    )
    token = client.obtain_token_by_browser(server.redirect_uri, scope=[SCOPE])
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token['access_token']}"
    return session


SIGN_INS: dict[str, SignIn] = {
    "requests-oauthlib": requests_oauthlib,
    "Authlib": authlib,
    "google-auth-oauthlib": google,
    "databricks-sdk": databricks,
    "openeo": openeo,
    "globus-sdk": globus,
    "msal": msal,
}
"""Peer to a complete sign-in; requests_oauth2client has no listener, and is left to requests."""


def unused_port() -> int:
    """Return a port where not even a closed connection is remembered, which some peers want."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            port = free_port()
            probe.bind(("127.0.0.1", port))
            return port


def timed_sign_in(sign_in: SignIn, base: str, browser: Browser) -> Callable[[], float]:
    """Return what measures the milliseconds from the redirect to what can send requests.

    Args:
        sign_in: of a peer.
        base: of the tiny server.
        browser: that the peer opens.
    """

    def once() -> float:
        server = Server(base, unused_port())
        with as_absent():
            made = sign_in(server, browser)
        took = (time.perf_counter() - browser.sent) * 1000
        assert made is not None
        browser.join()
        return took

    return once


@contextmanager
def as_absent() -> Iterator[None]:
    """Say of a peer that is not installed, or fails, that it cannot do the work.

    Raises:
        CannotDo: why.
    """
    try:
        yield
    except ImportError:
        raise CannotDo("not installed") from None
    except Exception as error:  # a peer's own, of whatever kind
        raise CannotDo(f"fails: {type(error).__name__}: {error}"[:120]) from error


def requesting(base: str) -> dict[str, Callable[[], Callable[[str], Any]]]:
    """Return, for each peer, what makes a function that sends a GET with the token.

    Args:
        base: of the tiny server.
    """

    def auth_base() -> Callable[[str], Any]:
        class Bearer(requests.auth.AuthBase):
            def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
                request.headers["Authorization"] = f"Bearer {TOKEN}"
                return request

        session = requests.Session()
        session.auth = Bearer()
        return session.get

    def of_requests_oauthlib() -> Callable[[str], Any]:
        module = importlib.import_module("requests_oauthlib")
        return module.OAuth2Session(CLIENT_ID, token={"access_token": TOKEN}).get  # type: ignore[no-any-return]

    def of_authlib() -> Callable[[str], Any]:
        module = importlib.import_module("authlib.integrations.requests_client")
        token = {"access_token": TOKEN, "token_type": "Bearer"}
        return module.OAuth2Session(CLIENT_ID, token=token).get  # type: ignore[no-any-return]

    def of_requests_oauth2client() -> Callable[[str], Any]:
        module = importlib.import_module("requests_oauth2client")
        session = requests.Session()
        session.auth = module.BearerToken(TOKEN)
        return session.get

    def of_google() -> Callable[[str], Any]:
        credentials = importlib.import_module("google.oauth2.credentials").Credentials(TOKEN)
        transport = importlib.import_module("google.auth.transport.requests")
        return transport.AuthorizedSession(credentials).get  # type: ignore[no-any-return]

    def of_globus() -> Callable[[str], Any]:
        module = importlib.import_module("globus_sdk")
        authorizer = module.AccessTokenAuthorizer(TOKEN)
        client = module.BaseClient(base_url=base, authorizer=authorizer)
        return lambda url: client.get(url.removeprefix(base))

    def of_databricks() -> Callable[[str], Any]:
        module = importlib.import_module("databricks.sdk.core")
        client = module.ApiClient(module.Config(host=base, token=TOKEN, auth_type="pat"))
        return lambda url: client.do("GET", url.removeprefix(base))

    return {
        "minimal AuthBase": auth_base,
        "requests-oauthlib": of_requests_oauthlib,
        "Authlib": of_authlib,
        "requests_oauth2client": of_requests_oauth2client,
        "google-auth": of_google,
        "globus-sdk": of_globus,
        "databricks-sdk": of_databricks,
    }


def version(name: str) -> str:
    """Return the version of what is installed, or empty."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
