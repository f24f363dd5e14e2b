"""``connect/token``: a code, or a client's own right, for an access token (CORE 4.3.2)."""

import secrets

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from myid_notebook.sandbox.authorization.access_token import TokenSubject
from myid_notebook.sandbox.authorization.client_authentication import authenticate_client
from myid_notebook.sandbox.authorization.discovery import issuer_of
from myid_notebook.sandbox.authorization.grants import Granted, own_account, redeem_code
from myid_notebook.sandbox.authorization.lockout import Mechanism
from myid_notebook.sandbox.authorization.openapi import TOKEN_FORM
from myid_notebook.sandbox.authorization.parameters import ParametersError, read_form
from myid_notebook.sandbox.authorization.token_error import TokenError
from myid_notebook.sandbox.authorization.token_faults import faulty_answer
from myid_notebook.sandbox.clients.entry import ClientEntry
from myid_notebook.sandbox.installation import Installation, Installed

router = APIRouter(prefix="/web.oauth2", tags=["web.oauth2"])

_WRONG_METHODS = ["GET", "PUT", "PATCH", "DELETE"]
_AUTHENTICATION_METHODS = {Mechanism.QUESTIONS: "pwd", Mechanism.CODE: "otp"}
_KNOWN_GRANTS = {"authorization_code", "client_credentials", "refresh_token"}


class TokenResponse(JSONResponse):
    """JSON that no cache keeps, as IdentityServer sends it."""

    media_type = "application/json; charset=UTF-8"

    def __init__(self, content: dict[str, object], status_code: int = 200) -> None:
        headers = {"Cache-Control": "no-store, no-cache, max-age=0", "Pragma": "no-cache"}
        super().__init__(content, status_code, headers)


@router.post("/connect/token", openapi_extra=TOKEN_FORM)
@router.api_route("/connect/token", methods=_WRONG_METHODS, include_in_schema=False)
async def token(request: Request, installation: Installed) -> Response:
    """Answer a token request; every refusal is HTTP 400 with an ``error``."""
    installation.counts.token_requests += 1
    if request.method != "POST":
        return _refusal("invalid_request", installation)
    try:
        form = await read_form(request)
        faulty = await faulty_answer(request, installation)
        if faulty:
            return faulty
        client = authenticate_client(
            request.headers.get("authorization", ""), form, installation.clients
        )
        granted = _granted(form, client, installation)
        return TokenResponse(_token_members(granted, issuer_of(request), installation))
    except ParametersError:
        return _refusal("invalid_request", installation)
    except TokenError as error:
        return _refusal(error.code, installation)


def _refusal(code: str, installation: Installation) -> TokenResponse:
    content: dict[str, object] = {"error": code}
    if installation.faults.error_description is not None:
        content["error_description"] = installation.faults.error_description
    return TokenResponse(content, 400)


def _granted(form: dict[str, str], client: ClientEntry, installation: Installation) -> Granted:
    grant_type = form.get("grant_type", "")
    if grant_type not in _KNOWN_GRANTS:
        raise TokenError("unsupported_grant_type")
    if grant_type == "refresh_token":
        raise TokenError("invalid_grant")
    if grant_type not in client.allowed_grant_types:
        raise TokenError("unauthorized_client")
    if grant_type == "client_credentials":
        return own_account(form, client, installation.directory)
    lifetime = installation.faults.code_lifetime
    return redeem_code(form, client, installation.codes, installation.directory, lifetime)


def _token_members(granted: Granted, issuer: str, installation: Installation) -> dict[str, object]:
    faults = installation.faults
    lifetime = granted.client.access_token_lifetime
    if faults.token_lifetime is not None:
        lifetime = faults.token_lifetime
    members: dict[str, object] = {
        "access_token": installation.signer.issue(_subject(granted, issuer, lifetime)),
        "expires_in": lifetime,
        "token_type": faults.token_type,
        "scope": granted.scope,
    }
    if faults.refresh_token:
        members["refresh_token"] = secrets.token_hex(32)
    left_out = {
        "expires_in": faults.no_expires_in,
        "token_type": faults.token_type is None,
        "scope": faults.omit_scope,
    }
    installation.counts.tokens_issued[granted.person.logon_name] += 1
    return {name: value for name, value in members.items() if not left_out.get(name)}


def _subject(granted: Granted, issuer: str, lifetime: int) -> TokenSubject:
    grant = granted.grant
    if grant is None:
        return TokenSubject(
            issuer=issuer,
            client_id=granted.client.client_id,
            scope=granted.scope,
            lifetime=lifetime,
        )
    return TokenSubject(
        issuer=issuer,
        client_id=granted.client.client_id,
        scope=granted.scope,
        lifetime=lifetime,
        person_id=granted.person.id,
        signed_in_at=grant.signed_in_at,
        method=_AUTHENTICATION_METHODS[grant.mechanism],
    )
