"""Requests of this package to MyID: all that carry a secret, and one under way in a thread."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

from support.servers.http_server import json_body
from support.values.oauth import GRANT, SECRET, TOKEN, token_request, token_response
from support.values.settings import settings_of

from myid_notebook.doctor.probe import Probe
from myid_notebook.errors import TokenEndpointError
from myid_notebook.secret import Secret
from myid_notebook.session.session import BearerSession
from myid_notebook.sign_in.operator_name import OperatorLookup
from myid_notebook.sign_in.without_browser import request_client_token
from myid_notebook.transport.client import HTTPResponse
from myid_notebook.transport.token_endpoint import TokenEndpoint

NEW_TOKEN = "the-new-token-of-the-tests"
Send = Callable[[str, str | None], object]
"""Takes a server's URL and the path of a CA bundle."""


def answer_as_myid(handler: BaseHTTPRequestHandler) -> None:
    """Answer with a token and a name, whatever was asked."""
    token = {"access_token": NEW_TOKEN, "token_type": "Bearer", "expires_in": 60}
    json_body(handler, json.dumps({**token, "name": {"fullName": "Jane Doe"}}).encode())


def token_endpoint(
    url: str,
    bundle: str | None,
    *,
    method: str = "client_secret_post",
    secret: str = SECRET,
    clock: Callable[[], float] = time.time,
) -> TokenEndpoint:
    """Return a token endpoint.

    Args:
        url: its URL, which need not be one that a setting may have.
        bundle: CA bundle; None for the system's store.
        method: how the client proves who it is.
        clock: seconds since 1970 UTC.
    """
    settings = replace(
        settings_of(),
        token_url=url,
        ca_bundle=bundle,
        client_authentication=method,
        client_secret=Secret(secret),
    )
    return TokenEndpoint(settings, clock)


def send_session(url: str, bundle: str | None) -> object:
    """Send a request of a session."""
    with BearerSession(f"{url}/rest.core/api/", ca_bundle=bundle) as session:
        session.sign_in(token_response())
        return session.get("people").json()


def send_token_request(url: str, bundle: str | None) -> object:
    """Send a token request, its secret in the body."""
    return token_endpoint(f"{url}/t", bundle).request(GRANT, 10)


def send_basic_token_request(url: str, bundle: str | None) -> object:
    """Send a token request, its secret in a header."""
    endpoint = token_endpoint(f"{url}/t", bundle, method="client_secret_basic")
    return endpoint.request(GRANT, 10)


def send_client_credentials(url: str, bundle: str | None) -> object:
    """Sign in as the client itself."""
    environ = {
        "MYID_SERVER": url,
        "MYID_CLIENT_ID": "myid.notebook",
        "MYID_CLIENT_SECRET": SECRET,
        "MYID_CA_BUNDLE": bundle or "",
    }
    settings = settings_of(environ)
    return request_client_token(settings, 10)


def send_person_lookup(url: str, bundle: str | None) -> object:
    """Ask for the name of who signed in."""
    name = OperatorLookup(f"{url}/rest.core/api/", bundle).name(token_response())
    if name is None:
        raise ConnectionError
    return name


def send_doctor(url: str, bundle: str | None) -> object:
    """Ask as the doctor asks."""
    request = token_request()
    response = Probe(10).send(
        "POST", f"{url}/t", bundle, setting="", headers=request.headers, form=request.form
    )
    assert isinstance(response, HTTPResponse), response
    return response


SENDERS: dict[str, Send] = {
    "session": send_session,
    "token endpoint": send_token_request,
    "token endpoint, Basic": send_basic_token_request,
    "client credentials": send_client_credentials,
    "person lookup": send_person_lookup,
    "doctor": send_doctor,
}

SECRETS = (TOKEN, SECRET, NEW_TOKEN)
"""What they send and get."""


class TokenRequestThread:
    """A token request under way.

    Args:
        url: of the token endpoint.
        bundle: CA bundle; None for the system's store.

    Attributes:
        endpoint: where it goes.
        error: what it failed with; None before.
    """

    def __init__(self, url: str, bundle: str | None = None) -> None:
        self.endpoint = token_endpoint(url, bundle)
        self.error: TokenEndpointError | None = None
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        try:
            self.endpoint.request(GRANT, 60)
        except TokenEndpointError as error:
            self.error = error

    def abort(self) -> float:
        """End it, and return how many seconds that took."""
        started = time.monotonic()
        self.endpoint.abort()
        self._thread.join(20)
        assert not self._thread.is_alive()
        return time.monotonic() - started
