"""Access tokens: RS256 JWTs with the claims of a real MyID token."""

import itertools
import secrets
import time
import uuid
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

AUDIENCE = "myid.rest"
"""The audience of every access token."""

_KEY_BITS = 2048
_TYPE = "at+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSubject:
    """Whom and what a token is for; times are seconds since 1970, ``lifetime`` is seconds.

    ``person_id`` is empty for a client that acts for itself.
    """

    issuer: str
    client_id: str
    scope: str
    lifetime: int
    person_id: str = ""
    signed_in_at: int = 0
    method: str = ""


class TokenSigner:
    """Issues access tokens and checks its own; the key lives as long as the process."""

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

    def claims_of(self, token: str) -> dict[str, object] | None:
        """Return the claims of ``token``; None unless it is ours, for the API and in time."""
        try:
            checked = jwt.decode(token, self._key, algorithms=["RS256"])
            registry = jwt.JWTClaimsRegistry(
                exp={"essential": True}, aud={"essential": True, "value": AUDIENCE}
            )
            registry.validate(checked.claims)
        except (JoseError, ValueError):
            return None
        return dict(checked.claims) if checked.header.get("typ") == _TYPE else None
