"""Sign in without a browser: client credentials, or a token from elsewhere."""

from __future__ import annotations

from dataclasses import replace

from myid_notebook.errors import SettingError, SignInTimeout
from myid_notebook.oauth.token_request import (
    ClientAuthentication,
    TokenRequest,
    client_credentials_grant,
)
from myid_notebook.oauth.token_response import TokenResponse, token_from_elsewhere
from myid_notebook.session.session import MyIDSession
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.table import SETTINGS
from myid_notebook.sign_in.operator_name import OperatorLookup
from myid_notebook.threads import in_background
from myid_notebook.transport.token_endpoint import TokenEndpoint

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
            "--client-credentials needs a client secret. Set it with "
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
        token = _request_token(endpoint, request, timeout)
    finally:
        endpoint.abort()
    # MyID names no person in such a token; the client is who acts.
    session.sign_in(replace(token, subject=token.subject or settings.client_id))


def _request_token(endpoint: TokenEndpoint, request: TokenRequest, timeout: float) -> TokenResponse:
    # In a thread: the frames of an interrupted request would show the secret in a traceback. With
    # a little more time than there is: the waiting side ends an endless answer.
    outcome = in_background(lambda: endpoint.request(request, timeout + GRACE))
    try:
        return outcome.result(timeout)
    except TimeoutError:
        raise SignInTimeout(
            f"MyID's token endpoint did not respond within {timeout:.0f} seconds. {request.again}"
        ) from None


def sign_in_with_given_token(session: MyIDSession, settings: Settings) -> None:
    """Use the token of the settings; who it stands for and its expiry stand in the token.

    Args:
        session: to be signed in.
        settings: with an ``access_token``.

    Raises:
        SettingError: the token has expired, or is none.
    """
    places = SETTINGS["access_token"].places
    try:
        token = token_from_elsewhere(settings.access_token or "")
    except ValueError:
        raise SettingError(
            "access_token", f"The setting access_token is not a token. Change it in {places}."
        ) from None
    session.sign_in(token)
    if not session.signed_in:
        session.sign_out()
        raise SettingError(
            "access_token",
            "The token in the setting access_token has expired. Get a new token, or remove the "
            f"setting to sign in yourself. It was set in {settings.sources['access_token']}.",
        )
    OperatorLookup(session, settings.ca_bundle).wait()
