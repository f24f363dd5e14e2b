"""Get a token without a browser: client credentials, or the token of a setting."""

from __future__ import annotations

from dataclasses import replace

from myid_notebook.errors import SettingError, SignInTimeout
from myid_notebook.oauth.token_request import client_credentials_grant
from myid_notebook.oauth.token_response import TokenResponse, token_from_elsewhere
from myid_notebook.session.bearer import BearerAuth, Standing
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.table import SETTINGS
from myid_notebook.threads import run_in_thread
from myid_notebook.transport.token_endpoint import TokenEndpoint

SOCKET_MARGIN = 0.5
"""Seconds by which a socket's timeout exceeds the time left: the deadline ends the request."""


def request_client_token(settings: Settings, timeout: float) -> TokenResponse:
    """Request a token for the client's own account (MyID Core API guide 3.3).

    Only ever used when asked for by name: MyID's audit trail records all requests under that one
    account, so it must not replace a sign-in that failed.

    Args:
        settings: of a client with a secret that MyID allows ``client_credentials``.
        timeout: seconds for the whole request.

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
    grant = client_credentials_grant(settings.scope_of_client)
    endpoint = TokenEndpoint(settings)
    try:
        # In a thread: the frames of an interrupted request would show the secret in a traceback.
        token = run_in_thread(lambda: endpoint.request(grant, timeout + SOCKET_MARGIN)).result(
            timeout
        )
    except TimeoutError:
        raise SignInTimeout(
            f"MyID's token endpoint did not respond within {timeout:.0f} seconds. Sign in again."
        ) from None
    finally:
        endpoint.abort()
    # MyID names no person in such a token: the client acts.
    return replace(token, subject=token.subject or settings.client_id)


def token_of_settings(settings: Settings) -> TokenResponse:
    """Return the token of the setting ``access_token`` with the claims it carries.

    Raises:
        SettingError: the token has expired, or is malformed.
    """
    try:
        token = token_from_elsewhere(settings.access_token or "")
    except ValueError:
        raise SettingError(
            "access_token",
            f"The text in {place_of_token(settings)} is not a token. Change it in "
            f"{SETTINGS['access_token'].places}.",
        ) from None
    if BearerAuth(settings.api_url, "").standing_of(token) is Standing.EXPIRED:
        raise SettingError(
            "access_token",
            f"The token in {place_of_token(settings)} has expired. Replace it with a new token, "
            "or remove it to sign in yourself.",
        )
    return token


def place_of_token(settings: Settings) -> str:
    """Return where the token of the setting ``access_token`` was set, such as its variable."""
    source = settings.sources["access_token"]
    return "the argument access_token" if source == "argument" else source
