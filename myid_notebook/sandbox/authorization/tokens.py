"""Authorization codes and refresh tokens (RFC 6749), and access tokens (RFC 9068)."""

import itertools
import math
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
from myid_notebook.sandbox.clients import ClientEntry
from myid_notebook.sandbox.faults import Faults

SIGN_ON_LIFETIME = 36_000
"""How long single sign-on keeps a person signed in, in seconds."""

MAX_CODES = 1_000
"""The number of codes kept; when there are more, the oldest is dropped."""

MAX_REFRESH_TOKENS = 10_000
"""The number of refresh tokens kept, used ones too; the oldest is dropped."""

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


@dataclass(slots=True, kw_only=True)
class RefreshChain:
    """The refresh tokens of one sign-in, each of which was issued for the one before.

    ``began_at`` is in seconds of the monotonic clock.
    """

    client_id: str
    scope: str
    sign_on: SignOn
    began_at: float = field(default_factory=time.monotonic)
    revoked: bool = False

    def expiry(self, client: ClientEntry, faults: Faults) -> float:
        """Return when a refresh token expires that is issued or renewed now."""
        sliding, absolute = faults.refresh_lifetime, faults.refresh_bound
        if sliding is None:
            sliding = client.sliding_refresh_token_lifetime
        if absolute is None:
            absolute = client.absolute_refresh_token_lifetime or math.inf
        end = self.began_at + absolute
        if client.refresh_token_expiration == 0:
            end = min(end, time.monotonic() + sliding)
        return end


@dataclass(slots=True, kw_only=True)
class RefreshToken:
    """A refresh token.

    Attributes:
        handle: what is sent to the client.
        expires_at: in seconds of the monotonic clock.
        ended: it was used, and is for one use, or it was revoked.
        presented: how often a client has presented it, and was not told that it is still unused.
    """

    handle: str = field(repr=False)
    chain: RefreshChain
    expires_at: float
    ended: bool = False
    presented: int = 0

    @property
    def valid(self) -> bool:
        """Whether it can be exchanged for an access token."""
        return not (self.ended or self.chain.revoked or time.monotonic() >= self.expires_at)


class RefreshTokens:
    """The refresh tokens that were issued, ended ones too."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[str, RefreshToken] = OrderedDict()

    def issue(self, chain: RefreshChain, expires_at: float) -> RefreshToken:
        """Return a new refresh token of ``chain``."""
        handle = secrets.token_hex(32).upper()
        self._tokens[handle] = RefreshToken(handle=handle, chain=chain, expires_at=expires_at)
        if len(self._tokens) > MAX_REFRESH_TOKENS:
            self._tokens.popitem(last=False)
        return self._tokens[handle]

    def find(self, handle: str) -> RefreshToken | None:
        """Return a refresh token, valid or not; None if it was never issued."""
        return self._tokens.get(handle)

    @property
    def reused(self) -> int:
        """How often a refresh token was presented after the first time."""
        return sum(max(0, token.presented - 1) for token in self._tokens.values())


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
