"""Validate a token request: client authentication, code, PKCE, refresh token, scope."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from myid_notebook.sandbox.authorization.authorization_request import split_scope
from myid_notebook.sandbox.authorization.tokens import (
    AuthorizationCodes,
    RefreshChain,
    RefreshToken,
    RefreshTokens,
    SignOn,
)
from myid_notebook.sandbox.clients import (
    MAX_CLIENT_ID,
    MAX_SCOPE,
    MAX_SECRET,
    OFFLINE_ACCESS,
    ClientEntry,
)
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import Person

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


class TokenError(Exception):
    """The token request is refused (RFC 6749 section 5.2).

    Attributes:
        code: the ``error`` of the response.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedTokenRequest:
    """A token request that passed every check.

    Attributes:
        person: who the token acts as.
        sign_on: None for the client credentials grant.
        chain: that of the refresh token of the response; None for a response without.
        refresh_token: the one that was presented, if any.
    """

    client: ClientEntry
    person: Person
    scope: str
    sign_on: SignOn | None = None
    chain: RefreshChain | None = None
    refresh_token: RefreshToken | None = None


def authenticate_client(
    authorization: str, form: Mapping[str, str], clients: Mapping[str, ClientEntry]
) -> ClientEntry:
    """Return the client that sent a token request, authenticated by its secret.

    HTTP Basic takes precedence over the form (RFC 6749 section 2.3.1).

    Args:
        authorization: the ``Authorization`` header, empty if absent.
        form: the fields of the token request.

    Raises:
        TokenError: ``invalid_client``, if the client is unknown or its secret is wrong or
            missing.
    """
    basic = _basic_credentials(authorization)
    client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
    if not client_id or len(client_id) > MAX_CLIENT_ID:
        raise TokenError("invalid_client")
    client = clients.get(client_id)
    if client is None or (client.require_client_secret and not client.accepts_secret(secret)):
        raise TokenError("invalid_client")
    return client


def _basic_credentials(authorization: str) -> tuple[str, str] | None:
    # IdentityServer ignores a header that it cannot use and goes on to the form.
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    client_id, colon, secret = pair.partition(":")
    if not colon or len(client_id) > MAX_CLIENT_ID or len(secret) > MAX_SECRET:
        return None
    return unquote_plus(client_id), unquote_plus(secret)


def redeem_authorization_code(
    form: Mapping[str, str],
    client: ClientEntry,
    codes: AuthorizationCodes,
    directory: Directory,
    lifetime: float,
) -> ValidatedTokenRequest:
    """Validate a request of the authorization code grant (CORE 4.3.2).

    The code is used up, even if the request is then refused.

    Args:
        form: the fields of the token request.
        lifetime: how long a code is valid, in seconds.

    Raises:
        TokenError: the code, redirect URI or code verifier is wrong, or the person is no
            longer enabled.
    """
    code = codes.redeem(form.get("code", ""), client.client_id)
    if code is None or code.is_older_than(lifetime):
        raise TokenError("invalid_grant")
    if "redirect_uri" not in form:
        raise TokenError("unauthorized_client")
    if form["redirect_uri"] != code.request.redirect_uri:
        raise TokenError("invalid_grant")
    if not _verifies(form.get("code_verifier"), code.request.code_challenge):
        raise TokenError("invalid_grant")
    person = directory.people.get(code.sign_on.person_id)
    if person is None or not person.enabled:
        raise TokenError("invalid_grant")
    scope, sign_on = code.request.scope, code.sign_on
    chain = RefreshChain(client_id=client.client_id, scope=scope, sign_on=sign_on)
    return ValidatedTokenRequest(
        client=client,
        person=person,
        scope=scope,
        sign_on=sign_on,
        chain=chain if OFFLINE_ACCESS in split_scope(scope) else None,
    )


def _verifies(verifier: str | None, challenge: str | None) -> bool:
    # RFC 7636 section 4.6. A verifier without a challenge is refused, as in IdentityServer.
    if verifier is None or challenge is None:
        return verifier is challenge
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(computed, challenge.encode())


def validate_refresh_token(
    form: Mapping[str, str],
    client: ClientEntry,
    tokens: RefreshTokens,
    directory: Directory,
    faults: Faults,
) -> ValidatedTokenRequest:
    """Validate a request of the refresh token grant (CORE 4.4).

    Args:
        form: the fields of the token request; ``scope`` is ignored.
        faults: whether a used token revokes its successors, and who it is renewed for.

    Raises:
        TokenError: the refresh token is missing, unknown, another client's, expired, used or
            revoked, or the person is no longer enabled.
    """
    if "refresh_token" not in form:
        raise TokenError("invalid_request")
    token = tokens.find(form["refresh_token"])
    if token is None or token.chain.client_id != client.client_id:
        raise TokenError("invalid_grant")
    if token.ended and faults.refresh_family:
        token.chain.revoked = True
    if not token.valid or not client.allow_offline_access:
        raise TokenError("invalid_grant")
    person = directory.people.get(token.chain.sign_on.person_id)
    if faults.refresh_subject is not None:
        person = directory.by_logon_name(faults.refresh_subject)
    if person is None or not person.enabled:
        raise TokenError("invalid_grant")
    return ValidatedTokenRequest(
        client=client,
        person=person,
        scope=token.chain.scope,
        sign_on=token.chain.sign_on,
        chain=token.chain,
        refresh_token=token,
    )


def validate_client_credentials(
    form: Mapping[str, str], client: ClientEntry, directory: Directory
) -> ValidatedTokenRequest:
    """Validate a request of the client credentials grant (CORE 3.3).

    Without ``scope`` the client gets every scope it is allowed.

    Raises:
        TokenError: the scope is not allowed, or the client's account is missing or disabled.
    """
    scope = form.get("scope", " ".join(client.allowed_scopes))
    scopes = split_scope(scope)
    allowed = OFFLINE_ACCESS not in scopes and client.allows_scopes(scopes)
    if len(scope) > MAX_SCOPE or not allowed:
        raise TokenError("invalid_scope")
    person = directory.by_logon_name(client.logon_name)
    if person is None or not person.enabled:
        raise TokenError("invalid_grant")
    return ValidatedTokenRequest(client=client, person=person, scope=" ".join(scopes))
