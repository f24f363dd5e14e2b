"""Who presents a token request: HTTP Basic first, then the form (RFC 6749 section 2.3.1)."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote_plus

from myid_notebook.sandbox.authorization.token_error import TokenError
from myid_notebook.sandbox.clients.entry import MAX_CLIENT_ID, MAX_SECRET, ClientEntry


def authenticate_client(
    authorization: str, form: Mapping[str, str], clients: Mapping[str, ClientEntry]
) -> ClientEntry:
    """Return the client that proved to be itself.

    Args:
        authorization: the ``Authorization`` header, empty when absent.
        form: the fields of the token request.
        clients: the known clients by ClientId.

    Raises:
        TokenError: ``invalid_client`` for an unknown client and for a wrong or missing secret.
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
    """Return both halves, percent-decoded; None, as IdentityServer does, if they are unusable."""
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
