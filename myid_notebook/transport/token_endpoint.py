"""Requests to the token endpoint (RFC 6749 section 3.2)."""

from __future__ import annotations

import time
from collections.abc import Callable

from myid_notebook.errors import CertificateNotTrusted, MyIDError, TokenEndpointError
from myid_notebook.oauth.token_request import TokenRequest
from myid_notebook.oauth.token_response import (
    SIGN_IN_AGAIN,
    TokenResponse,
    parse_token_response,
)
from myid_notebook.settings.resolve import Settings
from myid_notebook.transport.client import HTTPClient
from myid_notebook.transport.failure import FailureKind, failure_of, variable_of_url
from myid_notebook.transport.tls import shared_tls_context


def token_request(settings: Settings, grant: dict[str, str]) -> TokenRequest:
    """Return the request of the settings' client for a grant."""
    return TokenRequest(
        grant=grant,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        method=settings.client_authentication,
    )


class TokenEndpoint:
    """Requests tokens from the token endpoint of the settings.

    Args:
        clock: seconds since 1970 UTC.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._http = HTTPClient(settings.token_url, settings.ca_bundle)

    def prepare(self) -> None:
        """Make the TLS context; with a company's CA bundle that takes some 20 ms.

        Raises:
            SettingError: the CA bundle holds no certificate.
        """
        shared_tls_context(self._settings.ca_bundle, self._settings.token_url)

    def request(self, grant: dict[str, str], timeout: float) -> TokenResponse:
        """Request a token.

        Args:
            grant: from one of the functions of ``oauth/token_request.py``.
            timeout: seconds to connect, and seconds between bytes; ``abort`` bounds the whole.

        Raises:
            TokenRefused: the endpoint responded with an OAuth error.
            CertificateNotTrusted: its TLS certificate is not trusted.
            SettingError: the CA bundle holds no certificate.
            TokenEndpointError: any other failure.
        """
        request = token_request(self._settings, grant)
        requested_at, status = self._clock(), None
        failure: MyIDError
        try:
            # Sent only once: a code is used up when it is presented, whatever the response.
            response = self._http.send(
                "POST",
                self._settings.token_url,
                timeout=timeout,
                headers=request.headers,
                body=request.form,
            )
            status = response.status
            return parse_token_response(
                response.status, response.body, requested_at, request.secrets
            )
        except MyIDError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - a sign-in must end, whatever a library raises
            failure = self._error_for(error)
        if isinstance(failure, TokenEndpointError):
            failure.status = status
        # Raised outside the handlers, and without frames, because they hold what was sent.
        raise failure.with_traceback(None)

    def _error_for(self, error: Exception) -> TokenEndpointError:
        setting = variable_of_url(self._settings, "token_url")
        found = failure_of(error, self._settings.token_url, setting)
        distrusted = found.kind in {FailureKind.DISTRUSTED, FailureKind.PROXY_DISTRUSTED}
        make = CertificateNotTrusted if distrusted else TokenEndpointError
        failure = make(f"{found.reason}. {found.remedy} {SIGN_IN_AGAIN}")
        failure.sent = found.kind not in _NOT_SENT
        return failure

    def abort(self) -> None:
        """End the request in progress, from any thread."""
        self._http.abort()


_NOT_SENT = {
    FailureKind.DISTRUSTED,
    FailureKind.PROXY_DISTRUSTED,
    FailureKind.PROXY_UNSUPPORTED,
    FailureKind.PROXY,
    FailureKind.TOO_MANY_FILES,
    FailureKind.NOT_CONNECTED,
    FailureKind.CONNECT_TIMEOUT,
}
"""Failures before the first byte of the form."""
