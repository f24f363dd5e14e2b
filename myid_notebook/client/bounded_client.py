"""HTTP requests that end: by size, by silence, or because somebody ends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import requests

from myid_notebook.client.abortable import AbortableAdapter
from myid_notebook.oauth.token_response import is_redirect
from myid_notebook.secret import Secret
from myid_notebook.transport import CONNECT_TIMEOUT, shared_trust

MAX_ANSWER = 1_000_000
"""Bytes of an answer; token answers and person records are a few thousand."""

_PIECE = 16_384

Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class Answer(NamedTuple):
    """The answer to a request.

    Args:
        status: HTTP status.
        body: the whole body; empty for a redirect, whose body nobody needs.
    """

    status: int
    body: bytes


class AnswerTooLargeError(Exception):
    """The answer is longer than ``MAX_ANSWER``; the rest was not read."""


class BoundedClient:
    """Sends requests to one server, one at a time; another thread may end the one under way.

    Args:
        server: any URL of the server.
        ca_bundle: path of a PEM file to trust instead of the system's store.

    Raises:
        SettingError: the CA bundle holds no certificate.
    """

    def __init__(self, server: str, ca_bundle: str | None) -> None:
        self._adapter = AbortableAdapter(shared_trust(ca_bundle, server))

    def send(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
        auth: Auth | None = None,
    ) -> Answer:
        """Send one request and return its answer; a redirect is an answer, and is not followed.

        Args:
            method: HTTP method.
            url: absolute, of that server.
            timeout: seconds to connect, and seconds between bytes.
            headers: beside those of any request.
            form: the body, as form fields.
            auth: authorizes the request; without one, the headers stand as they are (a ``.netrc``
                entry would replace them).

        Raises:
            AnswerTooLargeError: see there.
            requests.RequestException: anything else.
        """
        with _Unredirected() as http:
            http.mount("https://", self._adapter)
            http.mount("http://", self._adapter)
            response = http.request(
                method,
                url,
                data=form,
                headers=headers,
                auth=auth or _as_it_is,
                timeout=(min(CONNECT_TIMEOUT, timeout), timeout),
                allow_redirects=False,
                stream=True,
            )
            with response:
                status = response.status_code
                return Answer(status, b"" if is_redirect(status) else _body(response))

    def abort(self) -> None:
        """End the request under way, from any thread."""
        self._adapter.abort()


class _Unredirected(requests.Session):
    """Looks at no ``Location``.

    Even where redirects are not followed, ``requests`` works out the next request: for that it
    reads the whole body, and fails on a location that is malformed.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return that there is none."""


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    if isinstance(request.body, str):
        request.body = Secret(request.body)  # on its way it may be looked at, as any object
    return request


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > MAX_ANSWER:
            raise AnswerTooLargeError
    return bytes(body)
