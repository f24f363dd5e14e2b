"""The registered clients, in MyID's vocabulary: entries, CustomClients folders, defaults."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_pascal

MAX_CLIENT_ID = 100
MAX_SECRET = 100
MAX_REDIRECT_URI = 400
MAX_SCOPE = 300
"""IdentityServer's limits on the length of request parameters, in characters."""

OFFLINE_ACCESS = "offline_access"
"""The scope that asks for a refresh token."""

ClientId = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CLIENT_ID)]


class _Entry(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=to_pascal), frozen=True, extra="ignore"
    )


class ClientSecret(_Entry):
    """A hashed secret: ``Value`` is Base64(SHA-256(UTF-8 bytes of the secret)) (CORE 3.2.1)."""

    value: str = Field(repr=False)

    def matches(self, plaintext: str) -> bool:
        """Return whether ``plaintext`` has this hash, compared in constant time."""
        digest = hashlib.sha256(plaintext.encode()).digest()
        return hmac.compare_digest(base64.b64encode(digest), self.value.encode())


class ClientEntry(_Entry):
    """One client, as a file of MyID's CustomClients folder describes it (CORE 4.1.1, 4.1.2).

    A missing ``RequirePkce`` means true, as in IdentityServer4. Other members of a MyID client
    file are accepted and ignored.

    Lifetimes are in seconds. Those of refresh tokens are by default what MyID's guide says (CORE
    4.4). ``RefreshTokenUsage`` 0 is reusable, 1 one time only; ``RefreshTokenExpiration`` 0 is
    sliding, 1 absolute; ``AbsoluteRefreshTokenLifetime`` 0 is no limit to sliding.
    """

    client_id: ClientId
    client_name: str = ""
    access_token_lifetime: int = Field(default=3600, gt=0)
    allowed_grant_types: tuple[str, ...] = ("authorization_code",)
    client_secrets: tuple[ClientSecret, ...] = ()
    require_client_secret: bool = True
    require_pkce: bool = True
    allowed_scopes: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    allow_offline_access: bool = False
    refresh_token_usage: Literal[0, 1] = 1
    refresh_token_expiration: Literal[0, 1] = 0
    sliding_refresh_token_lifetime: int = Field(default=7_200, gt=0)
    absolute_refresh_token_lifetime: int = Field(default=518_400, ge=0)
    properties: dict[str, str] = Field(default_factory=dict)

    @property
    def logon_name(self) -> str:
        """The account that this client acts as with ``client_credentials`` (CORE 3.2)."""
        return self.properties.get("MyIDLogonName", "")

    def accepts_secret(self, plaintext: str) -> bool:
        """Return whether ``plaintext`` is one of this client's secrets."""
        return len(plaintext) <= MAX_SECRET and any(
            secret.matches(plaintext) for secret in self.client_secrets
        )

    def allows_scopes(self, scopes: Iterable[str]) -> bool:
        """Return whether this client may ask for all of ``scopes``."""
        # IdentityServer does not look for offline_access in AllowedScopes.
        return all(
            self.allow_offline_access if each == OFFLINE_ACCESS else each in self.allowed_scopes
            for each in scopes
        )

    def allows_redirect(self, uri: str) -> bool:
        """Return whether ``uri`` is registered: an exact match, ignoring case."""
        return uri.casefold() in {registered.casefold() for registered in self.redirect_uris}


class ClientsFolderError(Exception):
    """The clients folder is unusable; the message is one line to show to the user."""


def read_clients_folder(folder: Path) -> dict[str, ClientEntry]:
    """Read a CustomClients folder, which has one client per ``.json`` file (CORE 4.1.1, 11.1).

    Returns:
        The clients by ClientId.

    Raises:
        ClientsFolderError: the folder does not exist, a file is not a client entry, or two
            files have the same ClientId (MyID does not start then either).
    """
    if not folder.is_dir():
        raise ClientsFolderError(f"{folder} is not a folder")
    files: dict[str, Path] = {}
    clients: dict[str, ClientEntry] = {}
    for file in sorted(folder.glob("*.json")):
        entry = _read_entry(file)
        if entry.client_id in clients:
            raise ClientsFolderError(
                f"ClientId {entry.client_id!r} is in both {files[entry.client_id]} and {file}"
            )
        clients[entry.client_id], files[entry.client_id] = entry, file
    return clients


def _read_entry(file: Path) -> ClientEntry:
    try:
        # Editors on Windows may have written a byte order mark.
        return ClientEntry.model_validate(json.loads(file.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        member = ".".join(str(part) for part in fault["loc"])
        raise ClientsFolderError(f"{file}: {member or 'entry'}: {fault['msg']}") from error
    except (OSError, ValueError) as error:
        raise ClientsFolderError(f"{file}: {error}") from error


# The hash of the example secret 82564d6e-c4a6-4f64-a6d4-cac43781c67c; MyID's guide prints both.
_EXAMPLE_SECRETS = [{"Value": "kv31VP5z/oKS0QMMaIfZ2UrhmQOdgAPpXV/vaF1cymk="}]
_REDIRECT_URIS = ["http://localhost:8888/myid/callback", "http://127.0.0.1:8888/myid/callback"]
_DEFAULT_ENTRIES = (
    {
        "ClientId": "myid.notebook",
        "ClientName": "MyID Notebook",
        "AllowedGrantTypes": ["authorization_code"],
        "ClientSecrets": _EXAMPLE_SECRETS,
        "RequireClientSecret": True,
        "RequirePkce": False,
        "AllowedScopes": ["myid.rest.basic"],
        "AllowOfflineAccess": True,
        "RedirectUris": _REDIRECT_URIS,
    },
    {
        "ClientId": "myid.public",
        "ClientName": "MyID Notebook without a secret",
        "AllowedGrantTypes": ["authorization_code"],
        "RequireClientSecret": False,
        "RequirePkce": True,
        "AllowedScopes": ["myid.rest.basic"],
        "AllowOfflineAccess": True,
        "RedirectUris": _REDIRECT_URIS,
    },
    {
        "ClientId": "myid.scheduled",
        "ClientName": "Scheduled notebook",
        "AllowedGrantTypes": ["client_credentials"],
        "ClientSecrets": _EXAMPLE_SECRETS,
        "AllowedScopes": ["myid.rest.basic"],
        "Properties": {"MyIDLogonName": "jane.doe"},
    },
)


def default_clients() -> dict[str, ClientEntry]:
    """Return the clients of a sandbox that was started without ``--clients``, by ClientId."""
    entries = (ClientEntry.model_validate(entry) for entry in _DEFAULT_ENTRIES)
    return {entry.client_id: entry for entry in entries}
