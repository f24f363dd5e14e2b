"""``connect/token``: exchange a code, refresh token or client credentials for an access token."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from myid_notebook.sandbox.authorization.discovery import issuer_of
from myid_notebook.sandbox.authorization.login import Mechanism
from myid_notebook.sandbox.authorization.parameters import TOKEN_FORM, ParametersError, read_form
from myid_notebook.sandbox.authorization.token_faults import injected_response
from myid_notebook.sandbox.authorization.token_request import (
    TokenError,
    ValidatedTokenRequest,
    authenticate_client,
    redeem_authorization_code,
    validate_client_credentials,
    validate_refresh_token,
)
from myid_notebook.sandbox.authorization.tokens import TokenSubject
from myid_notebook.sandbox.clients import ClientEntry
from myid_notebook.sandbox.installation import Installation, Installed

router = APIRouter(prefix="/web.oauth2", tags=["web.oauth2"])

_WRONG_METHODS = ["GET", "PUT", "PATCH", "DELETE"]
_AUTHENTICATION_METHODS = {Mechanism.QUESTIONS: "pwd", Mechanism.CODE: "otp"}
_KNOWN_GRANTS = {"authorization_code", "client_credentials", "refresh_token"}


class TokenResponse(JSONResponse):
    """A JSON response with IdentityServer's headers against caching."""

    media_type = "application/json; charset=UTF-8"

    def __init__(self, content: dict[str, object], status_code: int = 200) -> None:
        headers = {"Cache-Control": "no-store, no-cache, max-age=0", "Pragma": "no-cache"}
        super().__init__(content, status_code, headers)


@router.post("/connect/token", openapi_extra=TOKEN_FORM)
@router.api_route("/connect/token", methods=_WRONG_METHODS, include_in_schema=False)
async def token(request: Request, installation: Installed) -> Response:
    """Issue an access token; every refusal is HTTP 400 with an ``error``."""
    installation.counts.token_requests += 1
    if request.method != "POST":
        return _error_response("invalid_request", installation)
    try:
        form = await read_form(request)
    except ParametersError:
        return _error_response("invalid_request", installation)
    if form.get("grant_type") != "refresh_token":
        return await _respond(request, form, installation)
    presented = installation.refresh_tokens.find(form.get("refresh_token", ""))
    if presented:
        presented.presented += 1
    response = await _respond(request, form, installation)
    if presented and _leaves_it_unused(response):
        presented.presented -= 1
    return response


def _leaves_it_unused(response: Response) -> bool:
    """Return whether the client learns from ``response`` that it may present its token again."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return b'"invalid_client"' in getattr(response, "body", b"")


async def _respond(request: Request, form: dict[str, str], installation: Installation) -> Response:
    grant_type, faults = form.get("grant_type", ""), installation.faults
    if not faults.token_used_up:
        injected = await injected_response(request, installation, grant_type)
        if injected:
            return injected
    try:
        client = authenticate_client(
            request.headers.get("authorization", ""), form, installation.clients
        )
        validated = _validate(form, client, installation)
    except TokenError as error:
        return _error_response(error.code, installation)
    response = TokenResponse(_token_members(validated, issuer_of(request), installation))
    installation.counts.tokens_by_grant[grant_type] += 1
    if faults.token_used_up:
        return await injected_response(request, installation, grant_type) or response
    return response


def _error_response(code: str, installation: Installation) -> TokenResponse:
    content: dict[str, object] = {"error": code}
    if installation.faults.error_description is not None:
        content["error_description"] = installation.faults.error_description
    return TokenResponse(content, 400)


def _validate(
    form: dict[str, str], client: ClientEntry, installation: Installation
) -> ValidatedTokenRequest:
    grant_type = form.get("grant_type", "")
    if grant_type not in _KNOWN_GRANTS:
        raise TokenError("unsupported_grant_type")
    if grant_type == "refresh_token":
        # AllowOfflineAccess allows it, and not AllowedGrantTypes.
        return validate_refresh_token(
            form,
            client,
            installation.refresh_tokens,
            installation.directory,
            installation.faults,
        )
    if grant_type not in client.allowed_grant_types:
        raise TokenError("unauthorized_client")
    if grant_type == "client_credentials":
        return validate_client_credentials(form, client, installation.directory)
    lifetime = installation.faults.code_lifetime
    return redeem_authorization_code(
        form, client, installation.codes, installation.directory, lifetime
    )


def _token_members(
    request: ValidatedTokenRequest, issuer: str, installation: Installation
) -> dict[str, object]:
    faults = installation.faults
    lifetime = request.client.access_token_lifetime
    if faults.token_lifetime is not None:
        lifetime = faults.token_lifetime
    members: dict[str, object] = {
        "access_token": installation.signer.issue(_subject(request, issuer, lifetime)),
        "expires_in": lifetime,
        "token_type": faults.token_type,
        "scope": request.scope,
        "refresh_token": _refresh_token(request, installation),
    }
    left_out = {
        "refresh_token": request.chain is None or faults.no_refresh_token,
        "expires_in": faults.no_expires_in,
        "token_type": faults.token_type is None,
        "scope": faults.omit_scope,
    }
    installation.counts.tokens_issued[request.person.logon_name] += 1
    return {name: value for name, value in members.items() if not left_out.get(name)}


def _refresh_token(request: ValidatedTokenRequest, installation: Installation) -> str | None:
    """Return the refresh token of the response; the one that was presented is used up."""
    client, chain, presented = request.client, request.chain, request.refresh_token
    faults, tokens = installation.faults, installation.refresh_tokens
    if chain is None:
        return None
    if presented and (faults.refresh_reuse or client.refresh_token_usage == 0):
        presented.expires_at = chain.expiry(client, faults)
        return presented.handle
    if presented:
        presented.ended = True
    return tokens.issue(chain, chain.expiry(client, faults)).handle


def _subject(request: ValidatedTokenRequest, issuer: str, lifetime: int) -> TokenSubject:
    sign_on = request.sign_on
    if sign_on is None:
        return TokenSubject(
            issuer=issuer,
            client_id=request.client.client_id,
            scope=request.scope,
            lifetime=lifetime,
        )
    return TokenSubject(
        issuer=issuer,
        client_id=request.client.client_id,
        scope=request.scope,
        lifetime=lifetime,
        person_id=request.person.id,
        signed_in_at=sign_on.signed_in_at,
        method=_AUTHENTICATION_METHODS[sign_on.mechanism],
    )
