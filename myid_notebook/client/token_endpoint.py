"""The token endpoint: one request, never repeated (RFC 6749 section 3.2)."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

from myid_notebook.client.abortable import AbortableAdapter
from myid_notebook.client.failure import translate
from myid_notebook.errors import TokenEndpointError
from myid_notebook.oauth.token_request import TokenRequest
from myid_notebook.oauth.token_response import TokenResponse, parse_token_response
from myid_notebook.transport import CONNECT_TIMEOUT, trust

MAX_ANSWER = 1_000_000
"""Bytes; a token answer is a few thousand, anything beyond this is not read."""

_PIECE = 16_384


class TokenEndpoint:
    """Sends one token request.

    A failed request is not repeated: presenting the code has spent it, whatever the answer was.

    Args:
        url: the token endpoint.
        ca_bundle: path of a PEM file to trust instead of the system's store.
        clock: seconds since 1970 UTC.

    Raises:
        SettingError: the CA bundle holds no certificate.
    """

    def __init__(
        self, url: str, ca_bundle: str | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._url = url
        self._clock = clock
        self._adapter = AbortableAdapter(trust(ca_bundle))

    def request(self, token_request: TokenRequest, timeout: float) -> TokenResponse:
        """Send the request and return its token.

        Args:
            token_request: what to send.
            timeout: seconds to wait for each part of the answer; ``abort`` bounds the whole.

        Raises:
            TokenRefused: the endpoint answered with an OAuth error.
            CertificateNotTrusted: its TLS certificate is not trusted.
            TokenEndpointError: it could not be reached, or did not answer like a token endpoint.
        """
        requested_at = self._clock()
        try:
            status, body = self._post(token_request, timeout)
        except requests.RequestException as error:
            failure = translate(error, self._url)
        else:
            return parse_token_response(status, body, requested_at)
        # Raised outside the handler, so that the exception does not drag along frames that hold
        # what was sent.
        raise failure

    def abort(self) -> None:
        """End the request under way, from any thread."""
        self._adapter.abort()

    def _post(self, token_request: TokenRequest, timeout: float) -> tuple[int, bytes]:
        with requests.Session() as http:
            http.mount("https://", self._adapter)
            http.mount("http://", self._adapter)
            # No .netrc: its entry would replace the client's own authentication.
            http.auth = _keep_headers
            response = http.post(
                self._url,
                data=token_request.form,
                headers=token_request.headers,
                timeout=(min(CONNECT_TIMEOUT, timeout), timeout),
                # A redirect would carry the secret to an address nobody configured.
                allow_redirects=False,
                stream=True,
            )
            with response:
                return response.status_code, _body(response)


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > MAX_ANSWER:
            raise TokenEndpointError(
                "The token URL answered with more than a megabyte, not like MyID's token "
                "endpoint. Check MYID_SERVER (and MYID_TOKEN_URL, if set). The code is spent: run "
                "%myid_login again."
            )
    return bytes(body)
