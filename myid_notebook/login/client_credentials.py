"""Signing in as the client itself, without a person (MyID Core API guide 3.3)."""

from __future__ import annotations

from dataclasses import replace

from myid_notebook.client import TokenEndpoint
from myid_notebook.errors import SettingError, SignInTimeout
from myid_notebook.login.in_thread import in_background
from myid_notebook.oauth.token_request import (
    ClientAuthentication,
    TokenRequest,
    client_credentials_grant,
)
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session import MyIDSession
from myid_notebook.settings import SETTINGS, Settings

GRACE = 0.5
"""Seconds by which a socket outlasts the deadline."""


def sign_in_as_client(session: MyIDSession, settings: Settings, timeout: float) -> None:
    """Get a token for the client's own account at MyID, and use it.

    Only ever asked for by name: everything done with it is audited under that one account, so it
    must not take the place of a sign-in that failed.

    Args:
        session: to be signed in.
        settings: of a client with a secret that MyID allows ``client_credentials``.
        timeout: seconds until it gives up.

    Raises:
        SettingError: there is no client secret.
        SignInFailed: there is no token.
    """
    if settings.client_secret is None:
        raise SettingError(
            "client_secret",
            "Client credentials need a client secret. Set it with "
            f"{SETTINGS['client_secret'].places}.",
        )
    request = TokenRequest(
        grant=client_credentials_grant(settings.scope),
        authentication=ClientAuthentication(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            method=settings.client_authentication,
        ),
    )
    endpoint = TokenEndpoint(settings.token_url, settings.ca_bundle)
    try:
        token = _in_background(endpoint, request, timeout)
    finally:
        endpoint.abort()
    # MyID names no person in such a token; the client is who acts.
    session.sign_in(replace(token, subject=token.subject or settings.client_id))


def _in_background(endpoint: TokenEndpoint, request: TokenRequest, timeout: float) -> TokenResponse:
    # In a thread: the frames of an interrupted request would show the secret in a traceback. With
    # a little more time than there is: the waiting side ends an endless answer.
    outcome = in_background(lambda: endpoint.request(request, timeout + GRACE))
    try:
        return outcome.result(timeout)
    except TimeoutError:
        raise SignInTimeout(
            f"MyID's token endpoint did not answer within {timeout:.0f} seconds. {request.again}"
        ) from None
