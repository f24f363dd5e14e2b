"""The HTTP client of all requests except those of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import urldefrag, urljoin

import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from requests.utils import default_headers

from myid_notebook.oauth.token_response import is_redirect
from myid_notebook.secret import Secret
from myid_notebook.transport.adapter import CONNECT_TIMEOUT, AbortableAdapter, environment_proxies
from myid_notebook.transport.tls import shared_tls_context

MAX_BODY = 1_000_000
"""Bytes of a response body; token responses and person records have a few thousand."""

_CHUNK = 16_384
_MAX_REDIRECTS = 30

Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPResponse:
    """A response, read completely.

    Args:
        url: of the last request, if redirects were followed; of the page where a redirect leads
            that was not to be followed.
        headers: case-insensitive mapping.
        body: empty for a redirect.
    """

    status: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class ResponseTooLargeError(Exception):
    """The body is longer than ``MAX_BODY``; the rest was not read."""


class HTTPClient:
    """Sends requests to one server, one at a time, with limits of size and time.

    Uses the proxies of the environment, except to this machine, and never reads ``.netrc``.

    Args:
        server: any URL of the server.
        ca_bundle: path of a PEM file to trust instead of the system's store.
    """

    def __init__(self, server: str, ca_bundle: str | None) -> None:
        self._adapter = AbortableAdapter(partial(shared_tls_context, ca_bundle, server))

    def send(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, str] | bytes | None = None,
        auth: Auth | None = None,
        follow_redirects: Callable[[str], bool] | None = None,
        truncate_at: int | None = None,
    ) -> HTTPResponse:
        """Send one request and return its response, whatever its status.

        Args:
            url: absolute, of the client's server.
            timeout: seconds to connect, and seconds between bytes; ``abort`` bounds the whole.
            headers: in addition to the usual ones.
            body: a mapping is sent as form fields.
            auth: adds credentials to the prepared request.
            follow_redirects: tells whether to follow a redirect to a URL; None follows none. Has no
                effect on requests with ``body`` or ``auth``, because these may hold secrets.
            truncate_at: bytes of the body to read; the rest is dropped.

        Raises:
            SettingError: the CA bundle holds no certificate.
            ResponseTooLargeError: the body exceeds ``MAX_BODY``, and ``truncate_at`` is None.
            requests.RequestException: no response, or one that is not valid HTTP.
        """
        # The adapter is used without a requests.Session: caches, loggers and companies replace that
        # class and its methods, and would see and store what is sent.
        request = requests.PreparedRequest()
        cookies = RequestsCookieJar()
        all_headers = default_headers()
        all_headers.update(headers or {})
        request.prepare(
            method=method,
            url=url,
            headers=all_headers,
            data=body,
            auth=auth or _hide_body,
            cookies=cookies,
        )
        limits = (min(CONNECT_TIMEOUT, timeout), timeout)
        follow = follow_redirects if body is None and auth is None else None
        with closing(self._adapter):
            for _ in range(_MAX_REDIRECTS + 1):
                proxies = environment_proxies(request.url or "")
                with self._adapter.send(
                    request, timeout=limits, stream=True, proxies=proxies
                ) as response:
                    if follow is None or not response.is_redirect:
                        return HTTPResponse(
                            status=response.status_code,
                            url=response.url,
                            headers=response.headers,
                            body=_read_body(response, truncate_at),
                        )
                extract_cookies_to_jar(cookies, request, response.raw)
                request = _redirected(request, response, cookies)
                if not follow(url := str(request.url)):
                    status = response.status_code
                    return HTTPResponse(status=status, url=url, headers=response.headers, body=b"")
        raise requests.TooManyRedirects(f"more than {_MAX_REDIRECTS} redirects")

    def abort(self) -> None:
        """End the request in progress, from any thread; later requests fail."""
        self._adapter.abort()


def moment_of(http_date: str) -> float:
    """Return the time that a date in a header names, in seconds since 1970 UTC.

    Raises:
        ValueError: it is no date.
    """
    try:
        found = parsedate_to_datetime(http_date)
        # A date without a time zone ("-0000") is UTC too (RFC 9110 section 5.6.7).
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (TypeError, IndexError, OverflowError):  # of some dates, in some releases of Python
        raise ValueError("not a date") from None


def _redirected(
    request: requests.PreparedRequest, response: requests.Response, cookies: RequestsCookieJar
) -> requests.PreparedRequest:
    # Header lines are read as latin-1, and servers write UTF-8.
    location = response.headers["Location"].encode("latin-1").decode("utf-8", "replace")
    url = urldefrag(urljoin(response.url, location)).url
    if not url.lower().startswith(("http://", "https://")):
        raise requests.exceptions.InvalidSchema("a redirect to something that is not http(s)")
    following = request.copy()
    following.prepare_url(url, None)
    following.headers.pop("Cookie", None)
    following.prepare_cookies(cookies)
    return following


def _hide_body(request: requests.PreparedRequest) -> requests.PreparedRequest:
    if isinstance(request.body, str):
        request.body = Secret(request.body)  # tracebacks and debuggers may show the request
    return request


def _read_body(response: requests.Response, truncate_at: int | None) -> bytes:
    if is_redirect(response.status_code):
        return b""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if truncate_at is not None and len(body) >= truncate_at:
            return bytes(body[:truncate_at])
        if len(body) > MAX_BODY:
            raise ResponseTooLargeError
    return bytes(body)
