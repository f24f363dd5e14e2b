"""Parse token responses (RFC 6749 sections 5.1 and 5.2) and the claims of a token."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from myid_notebook.errors import TokenEndpointError, TokenRefused
from myid_notebook.secret import Secret
from myid_notebook.untrusted_text import outside_text


def claims(access_token: str) -> dict[str, Any]:
    """Return the claims of a JWT, or an empty dict for a token of any other kind."""
    try:
        _header, payload, _signature = access_token.split(".")
        value = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


SIGN_IN_AGAIN = "Sign in again."
"""What the user does after a failed token request: a code can be presented only once."""

PLAIN_SECRET = "MYID_CLIENT_SECRET (the plain secret, not its hash)"  # noqa: S105 - words

CHECK_CLIENT = f"Check MYID_CLIENT_ID and {PLAIN_SECRET}."
"""What to do if the token endpoint refuses the client."""

_REMEDIES = {
    "invalid_client": (
        f"The client id is unknown, or the client secret is wrong or missing. {CHECK_CLIENT}"
    ),
    "invalid_grant": "The code was already used or has expired, or the redirect URI is different.",
    "unauthorized_client": (
        "This client may not use this grant. Your MyID administrator must add it to the client's "
        "AllowedGrantTypes."
    ),
    "invalid_scope": (
        "MyID does not allow this scope for the client. Check MYID_SCOPE; for offline_access, the "
        "client entry at MyID needs AllowOfflineAccess."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """A bearer token, its expiry and its subject.

    Args:
        access_token: for the ``Authorization`` header, and nothing else.
        expires_at: seconds since 1970 UTC by this machine's clock; None where unknown.
        subject: who signed in (the MyID id of a person); None where the token does not say.
        refresh_token: for one more token request (RFC 6749 section 6); None where there is none.
        lifetime: seconds from the request to ``expires_at``; None where unknown.
    """

    access_token: Secret = field(repr=False)
    expires_at: float | None
    subject: str | None
    refresh_token: Secret | None = field(default=None, repr=False)
    lifetime: float | None = None


def parse_token_response(
    status: int,
    body: bytes,
    requested_at: float,
    hidden: Iterable[str] = (),
) -> TokenResponse:
    """Return the token of a response, or raise the error it contains.

    Tolerant where servers differ (``token_type`` in any case, no ``scope``, no ``expires_in``, an
    unasked ``refresh_token``, errors as 400, 401, 403 or any other status), strict on what
    matters: an ``access_token`` and a bearer type (RFC 6749 section 7.1).

    Args:
        requested_at: when the request was sent, in seconds since 1970 UTC; the lifetime counts
            from there, so that a slow answer never makes a token look fresher than it is.
        hidden: what the request held that no message may repeat.

    Raises:
        TokenRefused: an OAuth error answer.
        TokenEndpointError: anything that is not an answer of a token endpoint.
    """
    members = _members(body)
    if members is not None and isinstance(members.get("error"), str):
        raise _refusal(status, members, hidden)
    is_success = 200 <= status < 300  # noqa: PLR2004 - HTTP's success range
    if members is None or members.get("error") is not None or not is_success:
        raise TokenEndpointError(f"{_not_a_token_endpoint(status, body, members)} {SIGN_IN_AGAIN}")
    token, token_type = members.get("access_token"), members.get("token_type")
    if not isinstance(token, str) or not token:
        raise TokenEndpointError(
            f"MyID's response to the token request contains no access token. {SIGN_IN_AGAIN}"
        )
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise TokenEndpointError(
            f"MyID's response is not a bearer token (RFC 6749 7.1). {SIGN_IN_AGAIN}"
        )
    try:
        read = token_from_elsewhere(token)
    except ValueError:
        raise TokenEndpointError(f"MyID's access token is malformed. {SIGN_IN_AGAIN}") from None
    lifetime = _number(members.get("expires_in"))
    if lifetime is None:  # from the claims, as seconds: MyID's clock may differ from this one
        lifetime = read.lifetime
    refresh = members.get("refresh_token")
    return replace(
        read,
        # Without iat, only the claim exp is left.
        expires_at=read.expires_at if lifetime is None else _moment(requested_at + lifetime),
        lifetime=lifetime,
        refresh_token=Secret(refresh) if isinstance(refresh, str) and refresh else None,
    )


def token_from_elsewhere(access_token: str) -> TokenResponse:
    """Return a token with the expiry and subject of its claims.

    Raises:
        ValueError: it holds characters that no token has (RFC 6750 section 2.1).
    """
    if not access_token or not all("!" <= character <= "~" for character in access_token):
        raise ValueError("not a token")
    said = claims(access_token)
    subject = said.get("sub")
    issued_at, expires_at = _number(said.get("iat")), _number(said.get("exp"))
    lifetime = None
    if issued_at is not None and expires_at is not None:
        lifetime = max(0.0, expires_at - issued_at)
    return TokenResponse(
        access_token=Secret(access_token),
        expires_at=_moment(expires_at),
        subject=subject if isinstance(subject, str) and subject else None,
        lifetime=lifetime,
    )


def is_redirect(status: int) -> bool:
    """Return whether a status is one of HTTP's redirects."""
    return 300 <= status < 400  # noqa: PLR2004 - HTTP's redirects


def _members(body: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refusal(status: int, members: dict[str, object], hidden: Iterable[str]) -> TokenRefused:
    error = outside_text(str(members["error"]), hidden) or "an empty error"
    description = members.get("error_description")
    words = outside_text(description, hidden) if isinstance(description, str) else ""
    said = f"{error} ({words})" if words else error
    remedy = _REMEDIES.get(error, "If the problem persists, show this to your MyID administrator.")
    return TokenRefused(
        error,
        status,
        f"MyID refused the token request: {said}, HTTP {status}. {remedy} {SIGN_IN_AGAIN}",
    )


def _not_a_token_endpoint(status: int, body: bytes, members: dict[str, object] | None) -> str:
    if not body.strip():
        kind = "an empty body"
    elif members is None:
        kind = "something that is not a JSON object"
    else:
        kind = "an unexpected JSON object"
    if is_redirect(status):
        return (
            f"The token URL responded with a redirect (HTTP {status}). A token endpoint must not "
            "redirect, so it was not followed. Check MYID_SERVER (and MYID_TOKEN_URL, if set): it "
            "may need https, or another host or path."
        )
    return (
        f"The token URL responded with HTTP {status} and {kind}, so it is probably not MyID's "
        "token endpoint. Check MYID_SERVER (and MYID_TOKEN_URL, if set)."
    )


def _number(value: Any) -> float | None:  # noqa: ANN401 - any value of JSON
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) and number >= 0 else None


def _moment(seconds: float | None) -> float | None:
    return None if seconds is None or seconds > _YEAR_3000 else seconds


_YEAR_3000 = 32_503_680_000.0
"""Later expiries count as unknown: local time ends about there on Windows."""
