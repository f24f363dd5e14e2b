"""The token endpoint: one request, never repeated (RFC 6749 section 3.2)."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

from myid_notebook.errors import SignInFailed, TokenEndpointError
from myid_notebook.oauth.token_request import TokenRequest
from myid_notebook.oauth.token_response import TokenResponse, parse_token_response
from myid_notebook.transport.client import Answer, AnswerTooLargeError, HTTPClient
from myid_notebook.transport.messages import translate, unforeseen


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
        self._http = HTTPClient(url, ca_bundle)

    def request(self, token_request: TokenRequest, timeout: float) -> TokenResponse:
        """Send the request and return its token.

        Args:
            token_request: what to send.
            timeout: seconds to wait for each part of the answer; ``abort`` bounds the whole.

        Raises:
            TokenRefused: the endpoint answered with an OAuth error.
            CertificateNotTrusted: its TLS certificate is not trusted.
            TokenEndpointError: it could not be reached, did not answer like a token endpoint, or
                something went wrong that nobody foresaw.
        """
        requested_at = self._clock()
        failure: SignInFailed
        try:
            answer = self._send(token_request, timeout)
            return parse_token_response(
                answer.status,
                answer.body,
                requested_at,
                token_request.again,
                token_request.secrets,
            )
        except requests.RequestException as error:
            failure = translate(error, self._url, token_request.again)
        except AnswerTooLargeError:
            failure = TokenEndpointError(
                "The token URL sent more than a megabyte, so it is probably not MyID's token "
                f"endpoint. Check MYID_SERVER (and MYID_TOKEN_URL, if set). {token_request.again}"
            )
        except SignInFailed as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - a sign-in must end, whatever a server does to a library
            failure = unforeseen(error, token_request.again)
        # Raised outside the handlers, and without frames: those hold what was sent.
        raise failure.with_traceback(None)

    def _send(self, token_request: TokenRequest, timeout: float) -> Answer:
        return self._http.send(
            "POST",
            self._url,
            timeout=timeout,
            headers=token_request.headers,
            form=token_request.form,
        )

    def abort(self) -> None:
        """End the request under way, from any thread."""
        self._http.abort()
