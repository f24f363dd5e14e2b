"""Authorization codes (RFC 6749 section 4.1.2) and access tokens (RFC 9068)."""

import itertools
import secrets
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from myid_notebook.sandbox.authorization.authorization_request import AuthorizationRequest
from myid_notebook.sandbox.authorization.login import Mechanism

SIGN_ON_LIFETIME = 36_000
"""How long single sign-on keeps a person signed in, in seconds."""

MAX_CODES = 1_000
"""The number of codes kept; when there are more, the oldest is dropped."""

AUDIENCE = "myid.rest"
"""The audience of every access token."""

_KEY_BITS = 2048
_TYPE = "at+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """Who has signed in with a browser, how, and when, in seconds since 1970."""

    person_id: str
    mechanism: Mechanism
    signed_in_at: int = field(default_factory=lambda: int(time.time()))

    @property
    def expired(self) -> bool:
        """Whether the person has to sign in again."""
        return time.time() - self.signed_in_at >= SIGN_ON_LIFETIME


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode:
    """What an authorization code stands for: who signed in, and for which request.

    ``issued_at`` is in seconds of the monotonic clock.
    """

    request: AuthorizationRequest
    sign_on: SignOn
    issued_at: float = field(default_factory=time.monotonic)

    def is_older_than(self, seconds: float) -> bool:
        """Return whether the code was issued at least ``seconds`` ago."""
        return time.monotonic() - self.issued_at >= seconds


class AuthorizationCodes:
    """The codes that were issued and not yet redeemed."""

    def __init__(self) -> None:
        self._codes: OrderedDict[str, AuthorizationCode] = OrderedDict()

    def issue(self, code: AuthorizationCode) -> str:
        """Store ``code`` and return the string to send to the client."""
        handle = secrets.token_hex(32).upper()
        self._codes[handle] = code
        if len(self._codes) > MAX_CODES:
            self._codes.popitem(last=False)
        return handle

    def redeem(self, handle: str, client_id: str) -> AuthorizationCode | None:
        """Return and remove the code, or return None if that client has no such code."""
        code = self._codes.get(handle)
        # A code presented by another client stays valid for the client it was issued to.
        if code is None or code.request.client.client_id != client_id:
            return None
        return self._codes.pop(handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSubject:
    """The values that the claims of an access token are made from.

    ``lifetime`` is in seconds, ``signed_in_at`` in seconds since 1970. ``person_id`` is empty
    for a token of the client credentials grant.
    """

    issuer: str
    client_id: str
    scope: str
    lifetime: int
    person_id: str = ""
    signed_in_at: int = 0
    method: str = ""


class TokenSigner:
    """Issue and validate access tokens: RS256 JWTs with the claims of a real MyID token.

    The signing key is generated at the start and lives as long as the process.
    """

    def __init__(self) -> None:
        self._key_id = secrets.token_urlsafe(16)
        self._key = RSAKey.generate_key(
            _KEY_BITS, {"use": "sig", "alg": "RS256", "kid": self._key_id}
        )
        self._sessions = itertools.count(1)

    @property
    def public_key(self) -> dict[str, object]:
        """The public key as a JWK (RFC 7517)."""
        return dict(self._key.as_dict(private=False))

    def issue(self, subject: TokenSubject) -> str:
        """Return a signed token for ``subject``."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": subject.issuer,
            "nbf": now,
            "iat": now,
            "exp": now + subject.lifetime,
            "aud": AUDIENCE,
            "scope": subject.scope.split(),
        }
        if subject.person_id:
            claims["amr"] = [subject.method]
        claims["client_id"] = subject.client_id
        if subject.person_id:
            claims["sub"] = subject.person_id
            claims["auth_time"] = subject.signed_in_at
            claims["idp"] = "local"
        claims["myidSessionId"] = f"{next(self._sessions)},{str(uuid.uuid4()).upper()}"
        claims["jti"] = secrets.token_hex(16).upper()
        header = {"alg": "RS256", "kid": self._key_id, "typ": _TYPE}
        return jwt.encode(header, claims, self._key)

    def validate(self, token: str) -> dict[str, object] | None:
        """Return the claims of ``token``, or None if it is not a valid token for the API."""
        try:
            checked = jwt.decode(token, self._key, algorithms=["RS256"])
            registry = jwt.JWTClaimsRegistry(
                exp={"essential": True}, aud={"essential": True, "value": AUDIENCE}
            )
            registry.validate(checked.claims)
        except (JoseError, ValueError):
            return None
        return dict(checked.claims) if checked.header.get("typ") == _TYPE else None
