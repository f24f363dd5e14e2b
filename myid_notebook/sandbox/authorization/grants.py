"""Turning a code, or a client of its own, into what a token is issued for (CORE 4.3.2, 3.3)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from myid_notebook.sandbox.authorization.code import AuthorizationCodes, Grant
from myid_notebook.sandbox.authorization.token_error import TokenError
from myid_notebook.sandbox.clients.entry import MAX_SCOPE, ClientEntry
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.person import Person

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a token may be issued for; ``grant`` is absent for a client that acts for itself."""

    client: ClientEntry
    person: Person
    scope: str
    grant: Grant | None = None


def redeem_code(
    form: Mapping[str, str],
    client: ClientEntry,
    codes: AuthorizationCodes,
    directory: Directory,
    lifetime: float,
) -> Granted:
    """Return what the code in ``form`` stands for; it is burnt, whatever comes out.

    Args:
        form: the fields of the token request.
        client: the client that sent it.
        codes: the codes in circulation.
        directory: the people.
        lifetime: how long a code is valid, in seconds.

    Raises:
        TokenError: the code, the redirect URI or the verifier is not the right one, or the
            person was disabled since.
    """
    grant = codes.take(form.get("code", ""), client.client_id)
    if grant is None or grant.is_older_than(lifetime):
        raise TokenError("invalid_grant")
    if "redirect_uri" not in form:
        raise TokenError("unauthorized_client")
    if form["redirect_uri"] != grant.request.redirect_uri:
        raise TokenError("invalid_grant")
    if not _verifies(form.get("code_verifier"), grant.request.code_challenge):
        raise TokenError("invalid_grant")
    person = directory.people.get(grant.person_id)
    if person is None or not person.enabled:
        raise TokenError("invalid_grant")
    return Granted(client=client, person=person, scope=grant.request.scope, grant=grant)


def _verifies(verifier: str | None, challenge: str | None) -> bool:
    """Tell whether ``verifier`` answers ``challenge`` (RFC 7636 section 4.6), or neither is."""
    if verifier is None or challenge is None:
        return verifier is challenge
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(computed, challenge.encode())


def own_account(form: Mapping[str, str], client: ClientEntry, directory: Directory) -> Granted:
    """Return what ``client`` is granted as itself; without a scope, all that it may have.

    Args:
        form: the fields of the token request.
        client: the client that sent it.
        directory: the people, among them the client's account.

    Raises:
        TokenError: the scope is not allowed, or the account is missing or disabled.
    """
    scope = form.get("scope", " ".join(client.allowed_scopes))
    if len(scope) > MAX_SCOPE or not set(scope.split()) <= set(client.allowed_scopes):
        raise TokenError("invalid_scope")
    person = directory.by_logon_name(client.logon_name)
    if person is None or not person.enabled:
        raise TokenError("invalid_grant")
    return Granted(client=client, person=person, scope=scope)
