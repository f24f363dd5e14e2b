"""The authorization request and its redirect (RFC 6749 section 4.1, RFC 7636, RFC 9207)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from myid_notebook.errors import IssuerMismatch, RedirectRefused, SignInDenied
from myid_notebook.oauth.query import parse_query
from myid_notebook.secret import Secret
from myid_notebook.untrusted_text import outside_text


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """One authorization request, and the only way to get its authorization code.

    Args:
        client_id: as registered at MyID.
        redirect_uri: as registered at MyID, character for character.
        scope: space-separated scopes.
        state: fresh and unguessable, one per sign-in (RFC 6749 section 10.12).
        code_verifier: fresh and unguessable, one per sign-in (RFC 7636 section 4.1).
        issuer: the issuer an ``iss`` in the redirect must equal (RFC 9207). None where it is not
            known: then an ``iss`` must be a leading part of the authorization endpoint.
    """

    authorize_url: str
    client_id: str
    redirect_uri: str
    scope: str
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)
    issuer: str | None

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the request (RFC 6749 section 4.1.1, RFC 7636 section 4.3)."""
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "code_challenge": code_challenge(self.code_verifier),
            "code_challenge_method": "S256",
        }

    @property
    def url(self) -> str:
        """The link that starts the sign-in; keeps a query that the endpoint has."""
        parts = urlsplit(self.authorize_url)
        own = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([*own, *self.parameters.items()])
        return urlunsplit(parts._replace(query=query))

    def parse_redirect(self, query: str) -> Secret:
        """Return the authorization code of a redirect, after every check, in a fixed order.

        Args:
            query: the query string of the redirect; extra parameters are ignored.

        Raises:
            RedirectRefused: a repeated parameter, a wrong or missing state, or no code. The
                sign-in is untouched.
            IssuerMismatch: ``iss`` names another server (RFC 9207 section 2.4).
            SignInDenied: MyID sent an error (RFC 6749 section 4.1.2.1).
        """
        parameters = _parse(query)
        self._check_state(parameters)
        self._check_issuer(parameters)
        self._check_error(parameters)
        code = parameters.get("code")
        if not code:
            raise RedirectRefused(
                "MyID sent neither a code nor an error. Open the sign-in link in the notebook "
                "again."
            )
        return Secret(code)

    def _check_state(self, parameters: dict[str, str]) -> None:
        state = parameters.get("state", "")
        # Compared as bytes: compare_digest refuses text that is not ASCII. A pasted address may
        # even hold a lone surrogate.
        if not compare_digest(state.encode(errors="surrogatepass"), self.state.encode()):
            raise RedirectRefused(
                "This response does not belong to the pending sign-in: its state does not match. "
                "Open the sign-in link in the notebook again."
            )

    def _check_issuer(self, parameters: dict[str, str]) -> None:
        if "iss" in parameters and not self._is_own_issuer(parameters["iss"]):
            expected = self.issuer or "the server of the authorize URL"
            hidden = self._hidden(parameters)
            issuer = outside_text(parameters["iss"], hidden, mask_opaque=False)
            raise IssuerMismatch(
                f"The response came from {issuer!r}, but you were sent to {expected} to sign in. "
                f"Its code was not used. If {issuer!r} is your MyID too, set MYID_ISSUER to it; "
                "otherwise notify your MyID administrator."
            )

    def _hidden(self, parameters: dict[str, str]) -> tuple[str, ...]:
        return parameters.get("code", ""), self.state, self.code_verifier

    def _is_own_issuer(self, issuer: str) -> bool:
        if self.issuer is not None:
            return issuer == self.issuer
        server = issuer.rstrip("/")
        return "//" in server and f"{self.authorize_url}/".startswith(f"{server}/")

    def _check_error(self, parameters: dict[str, str]) -> None:
        if "error" not in parameters:
            return
        hidden = self._hidden(parameters)
        error = outside_text(parameters["error"], hidden) or "an empty error"
        description = outside_text(parameters.get("error_description", ""), hidden)
        said = f"{error} ({description})" if description else error
        if error == "access_denied":
            raise SignInDenied(
                error,
                f"The sign-in was cancelled or refused at MyID: {said}. Sign in again. "
                "If you did not cancel, ask your MyID administrator.",
            )
        raise SignInDenied(
            error,
            f"MyID ended the sign-in with an error: {said}. Sign in again. If the "
            "problem persists, show this to your MyID administrator.",
        )


def code_challenge(code_verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2)."""
    digest = sha256(code_verifier.encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _parse(query: str) -> dict[str, str]:
    try:
        return parse_query(query)
    except ValueError:
        raise RedirectRefused(
            "MyID's response is malformed. Open the sign-in link in the notebook again."
        ) from None
