"""Errors of MyID's API, with MyID's own words and what to do."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from types import MethodType
from typing import Any
from urllib.parse import urlsplit

import requests

from myid_notebook.errors import MyIDError, WithUsersLine
from myid_notebook.explore.description import unknown_name
from myid_notebook.session.session import BearerSession
from myid_notebook.transport.client import moment_of
from myid_notebook.transport.failure import Failure
from myid_notebook.untrusted_text import html_title, one_line, outside_text, unescape_html

_CODES = ("code", "errorCode", "error")
_TEXTS = (
    *("exceptionMessage", "message", "detail", "title", "error_description", "description"),
    "errorMessage",
)
"""Members of an error body, the best first; MyID documents neither (they are an assumption)."""

_MAX_PARSED = 100_000
"""Bytes of an error body that are looked at."""

_MAX_DIGITS = 9
"""Of the seconds to wait; more are more than 30 years."""

_MAX_INVALID = 5
"""Members of a request that an error names as invalid."""

_NO_TOKEN = "MyID did not accept the token. Run %myid_login, then this cell again."  # noqa: S105 - words
_UNAVAILABLE = "MyID, or a proxy in front of it, is not available. Try again in a minute."

_ADVICE: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Check the parameters; %myid_api lists those that are known.",
    HTTPStatus.UNAUTHORIZED: _NO_TOKEN,
    HTTPStatus.FORBIDDEN: (
        "None of your MyID roles allows this. Ask your MyID administrator for a role that does; "
        "%myid_api may show which."
    ),
    HTTPStatus.NOT_FOUND: "It does not exist or is outside your scope; MyID does not say which.",
    HTTPStatus.TOO_MANY_REQUESTS: "Wait a minute, then send fewer calls at once (workers=2).",
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "If every call fails like this, rest.core cannot reach web.oauth2: notify your MyID "
        "administrator."
    ),
    HTTPStatus.BAD_GATEWAY: _UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: _UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: _UNAVAILABLE,
}


class MyIDAPIError(WithUsersLine, MyIDError, requests.HTTPError):
    """A call of MyID's API failed; also what ``response.raise_for_status()`` raises.

    Attributes:
        status: the HTTP status; None without a response.
        path: what was asked for, without the API's address and without parameters.
        code: MyID's own error code; None if the response has none.
        text: MyID's own words; empty if the response has none.
        response: as ``requests`` has it; None without one.
        retry_after: the seconds that MyID asked to wait; 0 if it did not.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "",  # which pickle does not pass
        status: int | None = None,
        code: str | None = None,
        text: str = "",
        response: requests.Response | None = None,
        retry_after: float = 0.0,
    ) -> None:
        request = None if response is None else response.request
        super().__init__(one_line(message), request=request, response=response)
        self.path = path
        self.status = status
        self.code = code
        self.text = text
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.args[0])  # an OSError, which requests' errors are, may show its arguments


class MyIDResponse(requests.Response):
    """A ``requests.Response`` of the API.

    Attributes:
        session: that sent the request; None for a response that was pickled.
    """

    session: BearerSession | None = None

    def iter_content(self, *args: Any, **kwargs: Any) -> Iterator[Any]:  # noqa: ANN401 - requests' own signature
        """Yield the body as ``requests`` does; an error shows no token that it repeats."""
        try:
            yield from super().iter_content(*args, **kwargs)
        except requests.RequestException as error:
            failure = error if self.session is None else self.session.without_token(error)
        else:
            return
        raise failure

    def raise_for_status(self) -> None:
        """Raise an error with MyID's own words if the status is 400 or more.

        Raises:
            MyIDAPIError: which is a ``requests.HTTPError``.
        """
        if self.status_code < HTTPStatus.BAD_REQUEST:
            return
        body = b""
        with contextlib.suppress(requests.RequestException, RuntimeError):  # a stream, read already
            body = self.content or b""  # None where an adapter left out the body
        raise error_of(self, path_of(self.url, self.session), body)


def adopt(response: requests.Response, session: BearerSession) -> None:
    """Let ``raise_for_status`` of a response raise ``MyIDAPIError``."""
    if type(response) is requests.Response:
        response.__class__ = MyIDResponse
    elif not isinstance(response, MyIDResponse):  # of an adapter of the user's own, with methods
        response.raise_for_status = MethodType(MyIDResponse.raise_for_status, response)  # type: ignore[method-assign] # the same method
    vars(response)["session"] = session


def error_of(response: requests.Response, path: str, body: bytes) -> MyIDAPIError:
    """Return the error for a response with a status of 400 or more.

    Args:
        body: of the response; may be cut.
    """
    status, session = response.status_code, _session_of(response)
    shown = _shower(session)
    code, text = _code_and_text(body[:_MAX_PARSED])
    code, text = code and shown(code), shown(text)
    reason: Any = response.reason or ""
    if isinstance(reason, bytes):  # as some adapters leave it
        reason = reason.decode(errors="replace")
    named, said = ("", f': "{text}"') if text else (f" {shown(reason)}".rstrip(), "")
    known = f" ({code})" if code else ""
    advice = _ADVICE.get(status, "")
    if status == HTTPStatus.UNAUTHORIZED and session is not None:
        advice = session.bearer.refusal
    elif status == HTTPStatus.NOT_FOUND and not path.startswith("/"):
        method = getattr(response.request, "method", None) or "GET"  # some adapters have no request
        unknown = unknown_name(path, session, method)
        described = session is not None and session.description is not None
        advice = unknown if unknown and described else f"{advice} {unknown}".rstrip()
    return MyIDAPIError(
        f"MyID returned {status}{named} for {path}{said}{known}. {advice}".rstrip(),
        path=path,
        status=status,
        code=code,
        text=text,
        response=response,
        retry_after=_seconds(response.headers.get("Retry-After", "")),
    )


def not_usable(response: requests.Response, path: str, fault: str) -> MyIDAPIError:
    """Return the error for a response without an error status that is not what the API sends.

    Args:
        fault: what it is instead, in words that complete "MyID returned …".
    """
    fault = _shower(_session_of(response))(fault)
    message = (
        f"MyID returned {fault} for {path}. Check MYID_API_URL, and whether a proxy responded in "
        "MyID's place."
    )
    return MyIDAPIError(message, path=path, status=response.status_code, response=response)


def unreachable(failure: Failure, path: str) -> MyIDAPIError:
    """Return the error for a call without a response."""
    return MyIDAPIError(f"{failure.reason}, so {path} was not read. {failure.remedy}", path=path)


def counted(errors: Iterable[Exception]) -> str:
    """Return how many errors there are of each kind, such as "2 x 404, 1 x no response"."""
    kinds = Counter(kind_of(error) for error in errors)
    return ", ".join(f"{count:,} x {kind}" for kind, count in kinds.most_common())


def kind_of(error: Exception) -> str:
    """Return what tells one kind of failure from another: the status, or a word or two."""
    if isinstance(error, MyIDAPIError):
        if error.status is None:
            return "no response"
        return str(error.status) if error.status >= HTTPStatus.BAD_REQUEST else "no usable response"
    return type(error).__name__


def path_of(url: str | None, session: BearerSession | None) -> str:
    """Return the path of a URL below the API base, or its whole path, without a query.

    It may come from a link, so it is made fit for a message.
    """
    path = urlsplit(url or "").path
    base = "" if session is None else urlsplit(session.api_url).path
    below = path[len(base) :] if path.lower().startswith(base.lower()) else path
    return _shower(session)(below, mask_opaque=False)


def _session_of(response: requests.Response) -> BearerSession | None:
    return getattr(response, "session", None)  # which one that was pickled has not


def _shower(session: BearerSession | None) -> Callable[..., str]:
    return outside_text if session is None else session.outside_text


def _seconds(retry_after: str) -> float:
    """Return the seconds of a ``Retry-After``, which may be a date; 0 if it is neither."""
    value = retry_after.strip()
    if value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS:
        return float(value)
    try:
        return max(0.0, moment_of(value) - time.time())
    except ValueError:
        return 0.0


def _code_and_text(body: bytes) -> tuple[str | None, str]:
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None, _readable(body.decode(errors="replace"))
    if isinstance(parsed, list):
        parsed = {"errors": parsed}
    if not isinstance(parsed, dict):
        return None, parsed if isinstance(parsed, str) else ""
    # Some servers put the members one level deeper, into "error".
    members = _lower(parsed)
    members |= _lower(members.get("error"))
    code = next(_strings(members, _CODES), None)
    invalid = members.get("errors") or members.get("modelstate")
    if not invalid and all(isinstance(each, list) for each in parsed.values()):
        invalid = parsed  # as ASP.NET writes what is invalid without any frame
    said = "; ".join(islice(_invalid(invalid), _MAX_INVALID))
    return code, said or next((text for text in _strings(members, _TEXTS) if text != code), "")


def _invalid(errors: object) -> Iterator[str]:
    """Yield what is wrong with which member, from a body as ASP.NET writes it, or a list."""
    by_member = errors if isinstance(errors, dict) else {"": errors}
    for name, texts in by_member.items():
        for each in texts if isinstance(texts, list) else [texts]:
            text = next(_strings(_lower(each), _TEXTS), "") if isinstance(each, dict) else each
            if isinstance(text, str) and text.strip():
                yield f"{name}: {text}" if name else text


def _lower(members: object) -> dict[str, Any]:
    found = members if isinstance(members, dict) else {}
    return {name.lower(): value for name, value in found.items()}


def _strings(members: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = members.get(name.lower())
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            yield str(value)


def _readable(text: str) -> str:
    # Of a page of HTML only the title: the rest is the web server's own advice.
    title = html_title(text)
    if title is None and "<" in text:
        return ""
    return unescape_html(text) if title is None else title
