"""Token requests of a client with a secret."""

from myid_notebook.oauth.token_request import (
    ClientAuthentication,
    TokenRequest,
    authorization_code_grant,
)
from myid_notebook.secret import Secret

CODE = "the-code-of-the-tests"
SECRET = "82564d6e-c4a6-4f64-a6d4-cac43781c67c"


def token_request(method: str = "client_secret_post") -> TokenRequest:
    """Return a token request.

    Args:
        method: how the client proves who it is.
    """
    return TokenRequest(
        grant=authorization_code_grant(CODE, "http://localhost:8888/myid/callback", "v" * 43),
        authentication=ClientAuthentication(
            client_id="myid.notebook", client_secret=Secret(SECRET), method=method
        ),
    )
