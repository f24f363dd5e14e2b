"""How the two OAuth endpoints look in the OpenAPI document; they read their parameters by hand."""

from typing import Any

from myid_notebook.sandbox.authorization.parameters import FORM

_AUTHORIZE = {
    "response_type": "code",
    "client_id": "the ClientId",
    "redirect_uri": "one of the client's RedirectUris",
    "scope": "myid.rest.basic",
    "state": "returned as it is",
    "code_challenge": "Base64url(SHA-256(code_verifier)), RFC 7636",
    "code_challenge_method": "S256",
}
_TOKEN = {
    "grant_type": "authorization_code or client_credentials",
    "client_id": "the ClientId, unless HTTP Basic is used",
    "client_secret": "the secret in clear, unless HTTP Basic is used",
    "code": "the authorization code",
    "redirect_uri": "the same as before",
    "code_verifier": "if a code_challenge was sent",
}


def _form(fields: dict[str, str]) -> dict[str, Any]:
    properties = {
        name: {"type": "string", "description": meaning} for name, meaning in fields.items()
    }
    schema = {"type": "object", "properties": properties}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


AUTHORIZE_QUERY: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in _AUTHORIZE.items()
    ]
}
"""What GET ``connect/authorize`` takes."""

AUTHORIZE_FORM = _form(_AUTHORIZE)
"""What POST ``connect/authorize`` takes."""

TOKEN_FORM = _form(_TOKEN)
"""What POST ``connect/token`` takes."""
