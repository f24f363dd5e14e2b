"""GET one JSON object of the API, once: with limits of size, time and place."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError
from urllib3.util import parse_url

from myid_notebook.errors import MyIDError, RenewalDelayed, WithUsersLine
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

MAX_SECONDS = 300.0
"""How long a response may take; the read timeout begins again with each byte."""

MAX_HOPS = 5
"""Redirects within the API that are followed."""

_PAGING = re.compile(
    r"content-range|(?:x-)?(?:total(?:-(?:count|results|records|pages))?|next-page|pagination.*|"
    r"continuation.*)",
    re.IGNORECASE,
)
"""Headers that speak of more pages or rows."""

_CHUNK = 65_536
_DECODINGS = 5


class NotOfThisAPI(WithUsersLine, MyIDError, ValueError):
    """A path leads out of MyID's API, where the token must not go."""


class Unanswered(Exception):
    """A call failed in a way that says nothing of what was asked for.

    There was no connection, no complete response, a status such as 429 or 503, or a page in place
    of JSON. The same call may work later.

    Attributes:
        error: what to raise if it does not.
        status: the HTTP status of the response; None without one.
        was_cut: whether only the end of the response is missing.
    """

    def __init__(
        self, error: MyIDAPIError, status: int | None = None, *, was_cut: bool = False
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.status = status
        self.was_cut = was_cut


class Answer(NamedTuple):
    """A JSON object of the API.

    Attributes:
        body: the object.
        more: what the status or a header says of more rows than the body has; usually empty.
        size: bytes of the body.
        headers: those that may say how many rows or pages there are, with their values.
    """

    body: dict[str, Any]
    more: str = ""
    size: int = 0
    headers: Mapping[str, Any] = MappingProxyType({})


def get_object(session: BearerSession, path: str) -> Answer:
    """Return the JSON object at a path of the API.

    A redirect is followed only within the API.

    Args:
        path: relative to the API base, or a URL within it.

    Raises:
        Unanswered: the failure says nothing of what was asked for.
        MyIDAPIError: MyID refused, or the response is not a JSON object.
        NotOfThisAPI: the path leads elsewhere; nothing was sent.
        NotSignedIn: there is no token.
        SessionExpired: the token has expired, or MyID no longer accepts it.
    """
    url = url_within_api(session, path)
    shown = path_of(url, session)
    moved = ""
    for _ in range(MAX_HOPS + 1):
        try:
            with session.get(url, stream=True, allow_redirects=False) as response:
                target = response.headers.get("Location") if response.is_redirect else None
                body = b"" if target else read_body(response, shown)
        except RenewalDelayed as error:
            raise Unanswered(MyIDAPIError(str(error), path=shown)) from None
        except requests.RequestException as error:
            if isinstance(error, MyIDAPIError):
                raise
            failure = failure_of(error, url)
            unanswered = unreachable(failure, shown)
            if failure.kind not in _PASSING:
                raise unanswered from None
            raise Unanswered(unanswered) from None
        if not target:
            return _answer(response, shown, body, moved)
        url = _redirected(session, response, urljoin(url, target), shown)
        there = path_of(url, session)
        moved = "" if there.strip("/").lower() == shown.strip("/").lower() else there
    raise not_usable(response, shown, f"more than {MAX_HOPS} redirects")


def url_within_api(session: BearerSession, path: str) -> str:
    """Return the URL of a path, as it is sent.

    Raises:
        NotOfThisAPI: it leads out of the API.
    """
    try:
        url = sent_url(session, path)
    except ValueError:
        url = ""
    base, inside = urlsplit(session.api_url).path.lower(), urlsplit(url).path
    parts = re.split(r"[/\\]", _decoded(inside))
    is_inside = f"{inside}/".lower().startswith(base) and not any(map(_leads_up, parts))
    if is_inside and session.bearer.covers(url):
        return url
    raise NotOfThisAPI(
        f"{path!r} is not an address of MyID's API ({session.api_url}), so nothing was sent, "
        "because your token is for that API only. For another server, use requests.get."
    )


def sent_url(session: BearerSession, path: str) -> str:
    """Return the URL that is sent for a path, in one spelling.

    Raises:
        ValueError: it is no URL.
    """
    prepared = requests.PreparedRequest()
    prepared.prepare_url(session.absolute(path), None)
    # As urllib3 sends it: without "..", and without a fragment.
    return parse_url(prepared.url or "")._replace(fragment=None).url


def _leads_up(part: str) -> bool:
    # Servers may drop what follows a semicolon.
    return part.partition(";")[0].strip() == ".."


def _decoded(path: str) -> str:
    # A proxy in front of MyID may decode once more than MyID does.
    for _ in range(_DECODINGS):
        path = unquote(path)
    return path


def _redirected(
    session: BearerSession, response: requests.Response, target: str, shown: str
) -> str:
    try:
        return url_within_api(session, target)
    except NotOfThisAPI:
        place = urlsplit(target)
        where = f"a redirect to {place.scheme}://{place.netloc.rpartition('@')[2]}{place.path}"
        error = not_usable(response, shown, where)
    raise Unanswered(error, response.status_code)


def read_body(response: requests.Response, path: str) -> bytes:
    """Return the body of a response that is read as a stream.

    Args:
        path: for messages.

    Raises:
        MyIDAPIError: it is too large, or takes too long.
        requests.RequestException: it breaks off, or cannot be decoded.
    """
    body, deadline = bytearray(), time.monotonic() + MAX_SECONDS
    try:
        # Not iter_content, which waits until a chunk is full.
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > MAX_BODY:
                raise not_usable(response, path, f"more than {MAX_BODY // 1024 // 1024} MB")
            if time.monotonic() > deadline:
                minutes = f"a response that took more than {MAX_SECONDS / 60:.0f} minutes"
                raise not_usable(response, path, minutes)
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error, request=response.request) from error
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error, request=response.request) from error
    except HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error, request=response.request) from error
    return bytes(body)


def _answer(response: requests.Response, path: str, body: bytes, moved: str) -> Answer:
    status = response.status_code
    if status >= HTTPStatus.BAD_REQUEST:
        error = error_of(response, path, body)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Unanswered(error, status)
        raise error
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        # Without a length in its head, a response that was cut looks complete.
        was_cut = body.lstrip()[:1] == b"{"
        error = not_usable(response, path, _what(response, body))
        raise Unanswered(error, status, was_cut=was_cut) from None
    if not isinstance(parsed, dict):
        raise not_usable(response, path, "JSON that is not an object")
    partial = "its status is 206, Partial Content" if status == HTTPStatus.PARTIAL_CONTENT else ""
    linked = "its header Link names a next page" if "next" in response.links else ""
    elsewhere = f"MyID redirected it to {moved}" if moved else ""
    headers = {name: _parsed(v) for name, v in response.headers.items() if _PAGING.fullmatch(name)}
    return Answer(parsed, partial or linked or elsewhere, len(body), headers)


def _parsed(value: str) -> object:
    try:  # X-Pagination, for example, holds an object
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _what(response: requests.Response, body: bytes) -> str:
    if not body.strip():
        return "an empty response"
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    is_html = kind == "text/html" or body.lstrip()[:1] == b"<"
    return "a page of HTML" if is_html else "a response that is not JSON"


_PASSING = {
    FailureKind.NOT_CONNECTED,
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.TIMEOUT,
    FailureKind.BROKEN,
    FailureKind.TOO_MANY_FILES,
}
"""Failures that may not happen again."""
