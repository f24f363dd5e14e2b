"""Requests to the revocation endpoint (RFC 7009), where MyID's discovery document names one."""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus

from myid_notebook.secret import Secret
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.urls import origin
from myid_notebook.transport.client import HTTPClient
from myid_notebook.transport.token_endpoint import token_request

TIMEOUT = 5.0
"""Seconds for each of the two requests."""

_DISCOVERY = "/.well-known/openid-configuration"


def revoke(settings: Settings, refresh_token: Secret) -> bool:
    """Ask MyID to revoke a refresh token; return whether it says that it has.

    Args:
        settings: with the client secret.
    """
    with suppress(Exception):  # whatever it is: a sign-out must not fail, and says what it knows
        endpoint = _endpoint(settings)
        if endpoint:
            fields = {"token": refresh_token, "token_type_hint": "refresh_token"}
            request = token_request(settings, fields)
            response = HTTPClient(endpoint, settings.ca_bundle).send(
                "POST", endpoint, timeout=TIMEOUT, headers=request.headers, body=request.form
            )
            return response.status == HTTPStatus.OK
    return False


def _endpoint(settings: Settings) -> str:
    """Return the URL of the revocation endpoint; empty if MyID names none at its own address."""
    issuer = settings.issuer or settings.token_url.removesuffix("/connect/token")
    url = issuer.rstrip("/") + _DISCOVERY
    response = HTTPClient(url, settings.ca_bundle).send("GET", url, timeout=TIMEOUT)
    named = json.loads(response.body).get("revocation_endpoint", "")
    # The request holds the client secret, which may go nowhere else.
    is_ours = isinstance(named, str) and named and origin(named) == origin(settings.token_url)
    return str(named) if is_ours else ""
