"""``connect/revocation``: end a refresh token (RFC 7009).

MyID's guides do not mention it; IdentityServer has it unless an administrator turns it off.
"""

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from myid_notebook.sandbox.authorization.parameters import (
    REVOCATION_FORM,
    ParametersError,
    read_form,
)
from myid_notebook.sandbox.authorization.token_faults import injected_response
from myid_notebook.sandbox.authorization.token_request import TokenError, authenticate_client
from myid_notebook.sandbox.installation import Installed

router = APIRouter(prefix="/web.oauth2", tags=["web.oauth2"])

_HINTS = {None, "refresh_token", "access_token"}


@router.post("/connect/revocation", openapi_extra=REVOCATION_FORM)
async def revoke(request: Request, installation: Installed) -> Response:
    """Revoke a refresh token of the client; a token that is not one is ignored."""
    if not installation.faults.revocation:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        form = await read_form(request)
    except ParametersError as error:
        return Response(status_code=error.status)
    injected = await injected_response(request, installation, "revocation")
    if injected:
        return injected
    try:
        client = authenticate_client(
            request.headers.get("authorization", ""), form, installation.clients
        )
    except TokenError as error:
        return _refusal(error.code)
    if "token" not in form:
        return _refusal("invalid_request")
    if form.get("token_type_hint") not in _HINTS:
        return _refusal("unsupported_token_type")
    token = installation.refresh_tokens.find(form["token"])
    if token and token.chain.client_id == client.client_id:
        installation.counts.tokens_revoked += token.valid
        token.ended = True
    return Response()


def _refusal(code: str) -> Response:
    return JSONResponse({"error": code}, HTTPStatus.BAD_REQUEST)
