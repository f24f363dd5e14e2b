"""Sessions with a token that no server gave."""

import time

from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session.session import MyIDSession

TOKEN = "the-access-token-of-the-tests"


def token_response(lifetime: float | None = 3600, access_token: str = TOKEN) -> TokenResponse:
    """Return a token.

    Args:
        lifetime: seconds it is good for; None where that is not known.
        access_token: the token itself.
    """
    expires_at = None if lifetime is None else time.time() + lifetime
    return TokenResponse(access_token=Secret(access_token), expires_at=expires_at, subject="JANE")


def signed_in_session(api_url: str, lifetime: float | None = 3600) -> MyIDSession:
    """Return a session with a token.

    Args:
        api_url: the API base.
        lifetime: as for ``token_response``.
    """
    session = MyIDSession(api_url)
    session.sign_in(token_response(lifetime))
    return session
