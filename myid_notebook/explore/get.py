"""GET one JSON object of the API: with retries, and with limits of size and place."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import InvalidHeader, MaxRetryError
from urllib3.util import Retry, parse_url

from myid_notebook.errors import MyIDError, WithUsersLine
from myid_notebook.explore.api_error import (
    MyIDAPIError,
    error_of,
    not_usable,
    path_of,
    unreachable,
)
from myid_notebook.session.session import BearerSession
from myid_notebook.transport.failure import FailureKind, failure_of

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a response; a page of 200 rows has some 50,000."""

MAX_RETRY_AFTER = 60.0
"""Seconds that MyID may ask to wait; if it asks for more, the call fails."""

_CHUNK = 65_536

# A policy that is asked, not an adapter's: on the adapter it would repeat ``myid.post`` too. Not
# 500: at MyID it says that rest.core cannot reach web.oauth2, which passes by no repetition.
_RETRY = Retry(
    total=4,
    status_forcelist=[
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    ],
    backoff_factor=0.5,
    backoff_jitter=0.25,
)

Params = Mapping[str, Any]
Pause = Callable[[float], object]
"""Waits for some seconds; returns something true if nothing is to be sent afterwards."""


class NotOfThisAPI(WithUsersLine, MyIDError, ValueError):
    """A path leads out of MyID's API, where the token must not go."""


def get_object(
    session: BearerSession, path: str, params: Params | None = None, *, pause: Pause = time.sleep
) -> dict[str, Any]:
    """Return the JSON object at a path of the API.

    Failed connections and the statuses 429, 502, 503 and 504 are retried, at most four times.
    ``Retry-After`` is respected up to 60 seconds.

    Args:
        path: relative to the API base, or a URL within it.
        params: query parameters, as ``requests`` takes them.
        pause: waits before a retry, in seconds.

    Raises:
        MyIDAPIError: MyID refused, did not respond, or the response is not a JSON object.
        NotOfThisAPI: the path leads elsewhere; nothing was sent.
        NotSignedIn: there is no token.
        SessionExpired: the token has expired, or MyID no longer accepts it.
    """
    url = url_within_api(session, path)
    shown, retry = path_of(url, session), _RETRY
    while True:
        try:
            with session.get(url, params=params, stream=True) as response:
                body = _read(response, shown)
        except MyIDAPIError:
            raise
        except requests.RequestException as error:
            found = failure_of(error, url)
            failure, raw = unreachable(found, shown), None
            if found.kind not in _RETRIED:
                raise failure from None
        else:
            if response.status_code < HTTPStatus.BAD_REQUEST:
                return _parsed(response, shown, body)
            failure, raw = error_of(response, shown, body), response.raw
            if not retry.is_retry("GET", response.status_code):
                raise failure
        try:
            retry = retry.increment("GET", url, response=raw)
        except MaxRetryError:
            raise failure from None
        seconds = _retry_after(retry, raw)
        if seconds > MAX_RETRY_AFTER or pause(seconds or retry.get_backoff_time()):
            raise failure


def url_within_api(session: BearerSession, path: str) -> str:
    """Return the URL of a path.

    Raises:
        NotOfThisAPI: it leads out of the API.
    """
    url = session.absolute(path)
    try:
        # As urllib3 sends it, without "..".
        inside = parse_url(url).path or "/"
    except ValueError:
        inside = ""
    base = urlsplit(session.api_url).path
    if session.bearer.covers(url) and f"{inside}/".lower().startswith(base.lower()):
        return url
    raise NotOfThisAPI(
        f"{path!r} is not an address of MyID's API ({session.api_url}), so nothing was sent, "
        "because your token is for that API only. For another server, use requests.get."
    )


def _read(response: requests.Response, path: str) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_BODY:
            raise not_usable(response, path, f"more than {MAX_BODY // 1024 // 1024} MB")
    return bytes(body)


def _parsed(response: requests.Response, path: str, body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise not_usable(response, path, "an empty response")
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        html = kind == "text/html" or body.lstrip()[:1] == b"<"
        raise not_usable(
            response, path, "a page of HTML" if html else "a response that is not JSON"
        ) from None
    if not isinstance(parsed, dict):
        raise not_usable(response, path, "JSON that is not an object")
    return parsed


_RETRIED = {
    FailureKind.NOT_CONNECTED,
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.TIMEOUT,
    FailureKind.BROKEN,
    FailureKind.TOO_MANY_FILES,
}
"""Failures that may not happen again."""


def _retry_after(retry: Retry, raw: Any) -> float:  # noqa: ANN401 - urllib3's response, whose class requests does not tell
    try:
        return (raw is not None and retry.get_retry_after(raw)) or 0.0
    except InvalidHeader:
        return 0.0
