"""Requests and tokens of OAuth, and sessions with a token that no server gave."""

import time

from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.oauth.token_request import TokenRequest, authorization_code_grant
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session.session import BearerSession

VERIFIER = "TiGVEDHIRkdTpif4zLw8v6tcdG2VJXvP4r0fuLhsXIj"
CHALLENGE = "lzKaVv4bWu06z_m0yFynJj6zttnU5gYpXah8tLYKzGg"
"""The pair that MyID's Core API guide publishes (4.2.1)."""

STATE = "the-state-of-this-sign-in"
ISSUER = "https://myid.example.com/web.oauth2"


def authorization_request(**changes: str | None) -> AuthorizationRequest:
    """Return an authorization request.

    Args:
        changes: members that differ from those of an ordinary one.
    """
    members = {
        "authorize_url": f"{ISSUER}/connect/authorize",
        "client_id": "myid.notebook",
        "redirect_uri": "http://localhost:8888/myid/callback",
        "scope": "myid.rest.basic",
        "state": Secret(STATE),
        "code_verifier": Secret(VERIFIER),
        "issuer": ISSUER,
        **changes,
    }
    return AuthorizationRequest(**members)  # type: ignore[arg-type] # only issuer may be None


CODE = "the-code-of-the-tests"
SECRET = "82564d6e-c4a6-4f64-a6d4-cac43781c67c"


GRANT = authorization_code_grant(CODE, "http://localhost:8888/myid/callback", "v" * 43)


def token_request(method: str = "client_secret_post") -> TokenRequest:
    """Return a token request.

    Args:
        method: how the client proves who it is.
    """
    return TokenRequest(
        grant=GRANT,
        client_id="myid.notebook",
        client_secret=Secret(SECRET),
        method=method,
    )


TOKEN = "the-access-token-of-the-tests"


def token_response(lifetime: float | None = 3600, access_token: str = TOKEN) -> TokenResponse:
    """Return a token.

    Args:
        lifetime: seconds it is good for; None where that is not known.
    """
    expires_at = None if lifetime is None else time.time() + lifetime
    return TokenResponse(access_token=Secret(access_token), expires_at=expires_at, subject="JANE")


def signed_in_session(api_url: str, lifetime: float | None = 3600) -> BearerSession:
    """Return a session with a token.

    Args:
        lifetime: as for ``token_response``.
    """
    session = BearerSession(api_url)
    session.sign_in(token_response(lifetime))
    return session
