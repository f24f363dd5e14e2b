"""A new authorization request, with state and verifier that nobody can guess."""

from __future__ import annotations

import secrets

from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.secret import Secret
from myid_notebook.settings import Settings

ENTROPY = 32
"""Random bytes of a state and of a code verifier: 256 bits each (RFC 7636 section 7.1)."""


def fresh_request(settings: Settings, redirect_uri: str) -> AuthorizationRequest:
    """Return a request for one sign-in.

    Args:
        settings: checked.
        redirect_uri: of the door that was chosen.
    """
    return AuthorizationRequest(
        authorize_url=settings.authorize_url,
        client_id=settings.client_id,
        redirect_uri=redirect_uri,
        scope=settings.scope,
        state=Secret(secrets.token_urlsafe(ENTROPY)),
        code_verifier=Secret(secrets.token_urlsafe(ENTROPY)),
        issuer=settings.issuer,
    )
