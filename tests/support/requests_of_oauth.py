"""Authorization requests with everything open to change."""

from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.secret import Secret

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
