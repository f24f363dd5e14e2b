"""One client entry as a file of MyID's CustomClients folder holds it (CORE 4.1.1, 4.1.2)."""

import base64
import hashlib
import hmac
from typing import Annotated

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_pascal

MAX_CLIENT_ID = 100
MAX_SECRET = 100
MAX_REDIRECT_URI = 400
MAX_SCOPE = 300
"""IdentityServer's limits for what it accepts in a request, in characters."""

ClientId = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CLIENT_ID)]


class _Entry(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=to_pascal), frozen=True, extra="ignore"
    )


class ClientSecret(_Entry):
    """A hashed secret: ``Value`` is Base64(SHA-256(UTF-8 bytes of the secret)) (CORE 3.2.1)."""

    value: str = Field(repr=False)

    def matches(self, plaintext: str) -> bool:
        """Tell whether ``plaintext`` is the secret that was hashed, in constant time."""
        digest = hashlib.sha256(plaintext.encode()).digest()
        return hmac.compare_digest(base64.b64encode(digest), self.value.encode())


class ClientEntry(_Entry):
    """What the authorization server knows about one client.

    A missing ``RequirePkce`` means true, as in IdentityServer4; ``AccessTokenLifetime`` is in
    seconds. Members that MyID has and this stand-in does not use are accepted and ignored.
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
    properties: dict[str, str] = Field(default_factory=dict)

    @property
    def logon_name(self) -> str:
        """The account that this client acts as with ``client_credentials`` (CORE 3.2)."""
        return self.properties.get("MyIDLogonName", "")

    def accepts_secret(self, plaintext: str) -> bool:
        """Tell whether ``plaintext`` is one of this client's secrets."""
        return len(plaintext) <= MAX_SECRET and any(
            secret.matches(plaintext) for secret in self.client_secrets
        )

    def allows_redirect(self, uri: str) -> bool:
        """Tell whether ``uri`` is registered: whole string, case ignored, no wildcard."""
        return uri.casefold() in {registered.casefold() for registered in self.redirect_uris}
