"""Write the client entry for MyID's administrator (MyID Core API guide 4.1, 3.2)."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256

from myid_notebook.settings.resolve import Settings

MIN_SECRET = 32
"""Characters; longer secrets are taken for random, as MyID's GUIDs are."""

_PLACEHOLDER = "<Base64 of the SHA-256 of the client secret>"


def client_entry(settings: Settings | None, redirect_uri: str) -> str:
    """Return the JSON of a file for web.oauth2's ``CustomClients`` folder.

    Args:
        settings: checked; None if they have a mistake.
        redirect_uri: the one a sign-in would use.
    """
    public = settings is not None and settings.client_authentication == "none"
    entry: dict[str, object] = {
        "ClientId": settings.client_id if settings and settings.client_id else "myid.notebook",
        "ClientName": "MyID from Jupyter notebooks",
        "AccessTokenLifetime": 3600,
        "AllowedGrantTypes": ["authorization_code"],
        "RequireClientSecret": not public,
        "RequirePkce": True,
        "AllowAccessTokensViaBrowser": True,
        "RequireConsent": False,
        "AllowedScopes": settings.scope.split() if settings else ["myid.rest.basic"],
        "RedirectUris": [redirect_uri],
    }
    if not public:
        entry["ClientSecrets"] = [{"Value": _secret_hash(settings)}]
    return json.dumps(entry, indent=2)


def _secret_hash(settings: Settings | None) -> str:
    secret = settings.client_secret if settings is not None else None
    # The output may be saved. The hash of a GUID reveals nothing, but that of a word would.
    if secret is None or len(secret) < MIN_SECRET:
        return _PLACEHOLDER
    return b64encode(sha256(secret.encode()).digest()).decode()
