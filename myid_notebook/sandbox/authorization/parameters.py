"""Parse the parameters of the OAuth endpoints, and describe them in the OpenAPI document.

FastAPI's own parsing keeps the last of repeated parameters; OAuth requires an error instead.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.requests import ClientDisconnect

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 65_536
"""The largest form that is accepted, in bytes."""


class ParametersError(Exception):
    """The parameters are malformed.

    Attributes:
        status: the HTTP status of the response.
    """

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status


def parse_parameters(text: str) -> dict[str, str]:
    """Parse a query string or form body; parameters whose value is blank are left out.

    Returns:
        The values by name in lower case, because .NET ignores the case of names.

    Raises:
        ParametersError: a parameter is repeated (RFC 6749 section 3.1), or there are more
            than 100.
    """
    try:
        pairs = parse_qsl(text, max_num_fields=100)
    except ValueError as error:
        raise ParametersError("too many parameters") from error
    parameters = {name.lower(): value for name, value in pairs}
    if len(parameters) != len(pairs):
        raise ParametersError("repeated parameter")
    return {name: value for name, value in parameters.items() if value.strip()}


async def read_form(request: Request) -> dict[str, str]:
    """Read and parse the form in the body of ``request``.

    Raises:
        ParametersError: the body is not a form, is larger than 64 KiB, or repeats a field.
    """
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != FORM:
        raise ParametersError("not a form", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM:
                raise ParametersError("too long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except ClientDisconnect as error:
        raise ParametersError("incomplete") from error
    return parse_parameters(body.decode("utf-8", errors="replace"))


_AUTHORIZE = {
    "response_type": "code",
    "client_id": "the ClientId",
    "redirect_uri": "one of the client's RedirectUris",
    "scope": "myid.rest.basic, with offline_access for a refresh token",
    "state": "returned unchanged",
    "code_challenge": "Base64url(SHA-256(code_verifier)), RFC 7636",
    "code_challenge_method": "S256",
}
_TOKEN = {
    "grant_type": "authorization_code, refresh_token or client_credentials",
    "client_id": "the ClientId, unless HTTP Basic is used",
    "client_secret": "the client secret, unless HTTP Basic is used",
    "code": "the authorization code",
    "redirect_uri": "the one of the authorization request",
    "code_verifier": "required if a code_challenge was sent",
    "refresh_token": "the refresh token",
}
_REVOCATION = {
    "token": "the refresh token",
    "token_type_hint": "refresh_token or access_token",
    "client_id": "the ClientId, unless HTTP Basic is used",
    "client_secret": "the client secret, unless HTTP Basic is used",
}


def _form_description(fields: dict[str, str]) -> dict[str, Any]:
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
"""OpenAPI description of GET ``connect/authorize``."""

AUTHORIZE_FORM = _form_description(_AUTHORIZE)
"""OpenAPI description of POST ``connect/authorize``."""

TOKEN_FORM = _form_description(_TOKEN)
"""OpenAPI description of POST ``connect/token``."""

REVOCATION_FORM = _form_description(_REVOCATION)
"""OpenAPI description of POST ``connect/revocation``."""
