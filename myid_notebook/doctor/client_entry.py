"""Write the client entry for MyID's administrator (MyID Core API guide 4.1, 3.2)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256

from myid_notebook.settings.messages import presentable
from myid_notebook.settings.resolve import OFFLINE_ACCESS

MIN_SECRET = 32
"""Characters; longer secrets are taken for random, as MyID's GUIDs are."""

_PLACEHOLDER = "<Base64 of the SHA-256 of the client secret>"

_REFRESH = {
    "AllowOfflineAccess": True,
    "RefreshTokenUsage": 1,  # each for one use
    "RefreshTokenExpiration": 0,  # sliding
    "SlidingRefreshTokenLifetime": 2 * 3600,
    "AbsoluteRefreshTokenLifetime": 6 * 24 * 3600,
}
"""IdentityServer's names for what MyID's guide describes (Core API guide 4.4), in seconds."""

_PUBLISHED = {
    "kv31VP5z/oKS0QMMaIfZ2UrhmQOdgAPpXV/vaF1cymk=",
    "WmNN/+Ifjeb/djkhXB9YKAbfR8wbDfoWpEGMfux5DHU=",
}
"""The hashes of the secrets that stand in Intercede's guides and samples."""


def client_entry(values: Mapping[str, str | None], redirect_uri: str) -> str:
    """Return the JSON of a file for web.oauth2's ``CustomClients`` folder.

    Args:
        values: setting name to value, some of which may be malformed or missing.
        redirect_uri: the one a sign-in would use; empty if there is none that can be used.
    """
    secret = values["client_secret"]
    public = values["client_authentication"] == "none" or secret == ""
    scopes = presentable("scope", values["scope"] or "").split()
    entry: dict[str, object] = {
        "ClientId": presentable("client_id", values["client_id"] or "myid.notebook"),
        "ClientName": "MyID from Jupyter notebooks",
        "AccessTokenLifetime": 3600,
        "AllowedGrantTypes": ["authorization_code"],
        "RequireClientSecret": not public,
        "RequirePkce": True,
        "AllowAccessTokensViaBrowser": True,
        "RequireConsent": False,
        "AllowedScopes": [scope for scope in scopes if scope != OFFLINE_ACCESS],
        "RedirectUris": [redirect_uri or "<the redirect URI>"],
    }
    if not public:
        entry["ClientSecrets"] = [{"Value": _hash_to_show(secret)}]
    if OFFLINE_ACCESS in scopes:
        entry |= _REFRESH
    return json.dumps(entry, indent=2)


def is_published(secret: str) -> bool:
    """Return whether a client secret stands in Intercede's guides and samples."""
    return _hash(secret) in _PUBLISHED


def _hash_to_show(secret: str | None) -> str:
    # The output may be saved. The hash of a GUID reveals nothing, but that of a word would.
    if secret is None or len(secret) < MIN_SECRET or is_published(secret):
        return _PLACEHOLDER
    return _hash(secret)


def _hash(secret: str) -> str:
    return b64encode(sha256(secret.encode(errors="replace")).digest()).decode()
