"""The token request of the authorization code grant (RFC 6749 section 4.1.3)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from myid_notebook.oauth.token_response import CODE_SPENT
from myid_notebook.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAuthentication:
    """How a client proves who it is at the token endpoint (RFC 6749 section 2.3).

    Args:
        client_id: as registered at MyID.
        client_secret: None for a public client.
        method: ``client_secret_post`` (body), ``client_secret_basic`` (header) or ``none``; the
            names of RFC 7591 section 2.
    """

    client_id: str
    client_secret: Secret | None = field(repr=False)
    method: str

    @property
    def form(self) -> dict[str, str]:
        """The fields this adds to the body of a token request."""
        if self.client_secret is None:
            return {"client_id": self.client_id}
        if self.method == "client_secret_basic":
            return {}
        return {"client_id": self.client_id, "client_secret": self.client_secret}

    @property
    def headers(self) -> dict[str, str]:
        """The headers this adds to a token request.

        Both halves of HTTP Basic are form-encoded first (RFC 6749 section 2.3.1), as
        IdentityServer decodes them.
        """
        if self.client_secret is None or self.method != "client_secret_basic":
            return {}
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
        return {"Authorization": Secret(f"Basic {b64encode(pair.encode()).decode('ascii')}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """One request for an access token, as form fields and headers.

    Args:
        grant: the fields that name the grant and carry its proof.
        authentication: how the client proves who it is.
    """

    grant: dict[str, str] = field(repr=False)
    authentication: ClientAuthentication

    @property
    def again(self) -> str:
        """What to do after a failure, as a sentence."""
        if "code" in self.grant:
            return CODE_SPENT
        return "Run %myid_login --client-credentials again."

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no message may contain, even if the server repeats them."""
        proofs = (self.grant.get("code"), self.grant.get("code_verifier"))
        return tuple(text for text in (*proofs, self.authentication.client_secret) if text)

    @property
    def form(self) -> dict[str, str]:
        """The body, as form fields."""
        return {**self.grant, **self.authentication.form}

    @property
    def headers(self) -> dict[str, str]:
        """The headers in addition to those of every HTTP request."""
        return {"Accept": "application/json", **self.authentication.headers}


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
    """Return the grant fields of the client credentials grant (RFC 6749 section 4.4.2).

    Args:
        scope: space-separated scopes.
    """
    return {"grant_type": "client_credentials", "scope": scope}
