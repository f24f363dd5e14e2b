"""Token requests: the form fields of each grant, and how the client authenticates."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from myid_notebook.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """One request for an access token, as form fields and headers.

    Args:
        grant: the fields that name the grant and carry its proof.
        client_id: as registered at MyID.
        client_secret: None for a public client.
        method: how the client authenticates (RFC 6749 section 2.3): ``client_secret_post`` (body),
            ``client_secret_basic`` (header) or ``none``; the names of RFC 7591 section 2.
    """

    grant: dict[str, str] = field(repr=False)
    client_id: str
    client_secret: Secret | None = field(repr=False)
    method: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no message may contain, even if the server repeats them."""
        proofs = (self.grant.get(name) for name in ("code", "code_verifier", "refresh_token"))
        return tuple(text for text in (*proofs, self.client_secret) if text)

    @property
    def form(self) -> dict[str, str]:
        """The body, as form fields."""
        if self.client_secret is None:
            return {**self.grant, "client_id": self.client_id}
        if self.method == "client_secret_basic":
            return self.grant
        return {**self.grant, "client_id": self.client_id, "client_secret": self.client_secret}

    @property
    def headers(self) -> dict[str, str]:
        """The headers in addition to those of every HTTP request.

        Both halves of HTTP Basic are form-encoded first (RFC 6749 section 2.3.1), as
        IdentityServer decodes them.
        """
        accept = {"Accept": "application/json"}
        if self.client_secret is None or self.method != "client_secret_basic":
            return accept
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
        basic = Secret(f"Basic {b64encode(pair.encode()).decode('ascii')}")
        return {**accept, "Authorization": basic}


def authorization_code_grant(code: str, redirect_uri: str, code_verifier: str) -> dict[str, str]:
    """Return the grant fields that redeem a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

    Args:
        code: from the redirect; good once.
        redirect_uri: the one of the authorization request, character for character.
        code_verifier: the one whose challenge was sent.
    """
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier,
    }


def client_credentials_grant(scope: str) -> dict[str, str]:
    """Return the grant fields of the client credentials grant (RFC 6749 section 4.4.2)."""
    return {"grant_type": "client_credentials", "scope": scope}


def refresh_token_grant(refresh_token: str) -> dict[str, str]:
    """Return the grant fields that redeem a refresh token (RFC 6749 section 6).

    Args:
        refresh_token: from a token response; MyID takes each one once.
    """
    return {"grant_type": "refresh_token", "refresh_token": refresh_token}
