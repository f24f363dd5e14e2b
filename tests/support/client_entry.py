"""Client entries in MyID's vocabulary."""

import base64
import hashlib


def client_entry(
    client_id: str, redirect_uri: str, secret: str = "", **members: object
) -> dict[str, object]:
    """Return an entry for the code flow, with a secret or for a public client.

    Args:
        client_id: the ClientId.
        redirect_uri: the one redirect URI.
        secret: the secret in clear; empty makes a public client that needs PKCE.
        members: further members, which win over the others.
    """
    digest = hashlib.sha256(secret.encode()).digest()
    return {
        "ClientId": client_id,
        "ClientName": client_id,
        "AllowedGrantTypes": ["authorization_code"],
        "ClientSecrets": [{"Value": base64.b64encode(digest).decode()}] if secret else [],
        "RequireClientSecret": bool(secret),
        "RequirePkce": not secret,
        "AllowedScopes": ["myid.rest.basic"],
        "RedirectUris": [redirect_uri],
        **members,
    }
