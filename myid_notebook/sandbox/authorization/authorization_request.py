"""Validate an authorization request, in IdentityServer's order (RFC 6749 section 4.1.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from myid_notebook.sandbox.clients import MAX_CLIENT_ID, MAX_REDIRECT_URI, MAX_SCOPE, ClientEntry
from myid_notebook.sandbox.faults import Faults

_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


class AuthorizeError(Exception):
    """The request is refused on MyID's error page, without a redirect to the client.

    Attributes:
        code: the error code that the page shows.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """An authorization request that passed every check.

    ``state`` and ``code_challenge`` are None if the client did not send them. ``prompt`` has the
    values that are to be heeded.
    """

    client: ClientEntry
    redirect_uri: str
    scope: str
    state: str | None
    code_challenge: str | None
    prompt: frozenset[str]


def validate_authorization_request(
    parameters: Mapping[str, str], clients: Mapping[str, ClientEntry], faults: Faults
) -> AuthorizationRequest:
    """Validate the parameters of an authorization request.

    Args:
        parameters: query or form parameters, without blank ones.
        faults: what a redirect URI that is not registered, and an unknown prompt, lead to.

    Raises:
        AuthorizeError: client_id, redirect_uri, response_type, grant type, PKCE, scope or prompt
            is wrong; they are checked in this order.
    """
    client = _client(parameters.get("client_id", ""), clients)
    redirect_uri = _redirect_uri(parameters.get("redirect_uri", ""), client, faults)
    if parameters.get("response_type") != "code":
        raise AuthorizeError("unsupported_response_type")
    if parameters.get("response_mode", "query") != "query":
        raise AuthorizeError("unsupported_response_type")
    if "authorization_code" not in client.allowed_grant_types:
        raise AuthorizeError("unauthorized_client")
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        code_challenge=_code_challenge(parameters, client),
        scope=_scope(parameters.get("scope", ""), client),
        state=parameters.get("state"),
        prompt=_prompt(parameters.get("prompt", ""), faults),
    )


def _client(client_id: str, clients: Mapping[str, ClientEntry]) -> ClientEntry:
    if not client_id or len(client_id) > MAX_CLIENT_ID:
        raise AuthorizeError("invalid_request")
    client = clients.get(client_id)
    if client is None:
        raise AuthorizeError("unauthorized_client")
    return client


def _redirect_uri(uri: str, client: ClientEntry, faults: Faults) -> str:
    if not uri or len(uri) > MAX_REDIRECT_URI or not _is_absolute(uri):
        raise AuthorizeError("invalid_request")
    if not client.allows_redirect(uri):
        raise AuthorizeError(faults.redirect_mismatch_code)
    return uri


def _is_absolute(uri: str) -> bool:
    try:
        return bool(urlsplit(uri).scheme)
    except ValueError:
        return False


def _code_challenge(parameters: Mapping[str, str], client: ClientEntry) -> str | None:
    challenge = parameters.get("code_challenge")
    if challenge is None:
        if client.require_pkce:
            raise AuthorizeError("invalid_request")
        return None
    # A missing method means plain (RFC 7636 section 4.3), which IdentityServer refuses.
    if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise AuthorizeError("invalid_request")
    return challenge


def _scope(scope: str, client: ClientEntry) -> str:
    if not scope or len(scope) > MAX_SCOPE:
        raise AuthorizeError("invalid_request")
    scopes = split_scope(scope)
    if not client.allows_scopes(scopes):
        raise AuthorizeError("invalid_scope")
    return " ".join(scopes)


def split_scope(scope: str) -> list[str]:
    """Return the scopes that a scope parameter names, each once."""
    return [each for each in dict.fromkeys(scope.split(" ")) if each]


def _prompt(prompt: str, faults: Faults) -> frozenset[str]:
    values = frozenset(prompt.split())
    if not values <= _PROMPTS:
        if faults.dialect == "duende":
            raise AuthorizeError("invalid_request")
        return frozenset()
    if "none" in values and len(values) > 1:
        raise AuthorizeError("invalid_request")
    return values
