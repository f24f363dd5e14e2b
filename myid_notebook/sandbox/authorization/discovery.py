"""The discovery document and the key set (assumption: MyID's guides do not mention them)."""

from fastapi import APIRouter, Request

from myid_notebook.sandbox.clients import OFFLINE_ACCESS
from myid_notebook.sandbox.installation import Installed

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}

router = APIRouter(prefix="/web.oauth2/.well-known", tags=["web.oauth2"])


def issuer_of(request: Request) -> str:
    """Return the issuer, which IdentityServer derives from the address of the request."""
    scheme, host = request.url.scheme, request.url.netloc.lower()
    # As .NET writes it: in lower case, without the default port.
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS[scheme])}/web.oauth2"


@router.get("/openid-configuration", summary="Discovery document")
async def configuration(request: Request, installation: Installed) -> dict[str, object]:
    """Describe the authorization server (RFC 8414)."""
    issuer = issuer_of(request)
    # IdentityServer4 does not know RFC 9207.
    iss = {"authorization_response_iss_parameter_supported": True}
    revocation = {"revocation_endpoint": f"{issuer}/connect/revocation"}
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/openid-configuration/jwks",
        "authorization_endpoint": f"{issuer}/connect/authorize",
        "token_endpoint": f"{issuer}/connect/token",
        **(revocation if installation.faults.revocation else {}),
        "scopes_supported": ["myid.rest.basic", OFFLINE_ACCESS],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        **(iss if installation.faults.dialect == "duende" else {}),
    }


@router.get("/openid-configuration/jwks", summary="Public keys of access tokens")
async def keys(installation: Installed) -> dict[str, object]:
    """Return the public key that verifies access tokens (RFC 7517)."""
    return {"keys": [installation.signer.public_key]}
