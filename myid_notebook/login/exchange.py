"""The exchange of the code for a token, as a request that can be given up."""

from __future__ import annotations

from myid_notebook.client import TokenEndpoint
from myid_notebook.login.in_thread import in_thread
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.oauth.token_request import (
    ClientAuthentication,
    TokenRequest,
    authorization_code_grant,
)
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.settings import Settings


class Exchange:
    """Redeems one code, once.

    Args:
        settings: where to, and how the client proves who it is.

    Raises:
        SettingError: the CA bundle holds no certificate.
    """

    def __init__(self, settings: Settings) -> None:
        self._endpoint = TokenEndpoint(settings.token_url, settings.ca_bundle)
        self._authentication = ClientAuthentication(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            method=settings.client_authentication,
        )

    async def redeem(
        self, request: AuthorizationRequest, code: Secret, patience: float
    ) -> TokenResponse:
        """Exchange the code and return the token.

        Args:
            request: the authorization request the code answers.
            code: from its redirect.
            patience: seconds to wait for each part of the answer.

        Raises:
            SignInFailed: there is no token; the code is spent.
        """
        grant = authorization_code_grant(code, request.redirect_uri, request.code_verifier)
        token_request = TokenRequest(grant=grant, authentication=self._authentication)
        return await in_thread(lambda: self._endpoint.request(token_request, patience))

    def abort(self) -> None:
        """End the request under way, if there is one."""
        self._endpoint.abort()
