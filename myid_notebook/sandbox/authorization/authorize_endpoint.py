"""``connect/authorize``, the sign-in page and the error page (CORE 4.3.1).

A valid authorization request leads to ``Account/Login``, which keeps the request in its address
(``ReturnUrl``) and redirects to the client in the end. Any other leads to ``home/error``, and the
client hears nothing of it.
"""

import secrets
from collections import OrderedDict
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from myid_notebook.sandbox.authorization.authorization_request import (
    AuthorizationRequest,
    AuthorizeError,
    validate_authorization_request,
)
from myid_notebook.sandbox.authorization.discovery import issuer_of
from myid_notebook.sandbox.authorization.login import Login, LoginService, Mechanism, NextPage
from myid_notebook.sandbox.authorization.pages import ERROR_PATH, LOGIN_PATH, error_page, login_page
from myid_notebook.sandbox.authorization.parameters import (
    AUTHORIZE_FORM,
    AUTHORIZE_QUERY,
    ParametersError,
    parse_parameters,
    read_form,
)
from myid_notebook.sandbox.authorization.tokens import AuthorizationCode, SignOn
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.installation import Installation, Installed

T = TypeVar("T")

AUTHORIZE_PATH = "/web.oauth2/connect/authorize"
COOKIE = "idsrv"
"""The cookie of single sign-on, named as IdentityServer names it."""

_MAX_KEPT = 500
"""How many errors, and signed-in browsers, are kept; when there are more, the oldest is dropped."""

_ERROR_FRAGMENTS = {"is4": "#_=_", "duende": "#_"}

router = APIRouter(prefix="/web.oauth2", tags=["web.oauth2"])


@router.get("/connect/authorize", openapi_extra=AUTHORIZE_QUERY)
@router.post("/connect/authorize", openapi_extra=AUTHORIZE_FORM)
async def authorize(request: Request, installation: Installed) -> Response:
    """Redirect to the sign-in page, or to MyID's error page."""
    installation.counts.authorize_requests += 1
    try:
        if request.method == "GET":
            parameters = parse_parameters(request.url.query)
        else:
            parameters = await read_form(request)
        validated = validate_authorization_request(
            parameters, installation.clients, installation.faults
        )
    except ParametersError as error:
        if error.status is not HTTPStatus.BAD_REQUEST:
            return error_page("invalid_request", error.status)
        return _redirect_to_error("invalid_request", installation)
    except AuthorizeError as error:
        return _redirect_to_error(error.code, installation)
    location = _immediate_location(validated, request, installation)
    if location is None:
        return_url = f"{AUTHORIZE_PATH}?{urlencode(parameters)}"
        location = f"/web.oauth2/Account/Login?{urlencode({'ReturnUrl': return_url})}"
    return _redirect(location, installation)


def _redirect_to_error(code: str, installation: Installation) -> Response:
    error_id = _keep(installation.shown_errors, code)
    return _redirect(f"{ERROR_PATH}?{urlencode({'errorId': error_id})}", installation)


def _keep(kept: OrderedDict[str, T], value: T) -> str:
    """Store ``value`` under a key that nobody can guess, and return the key."""
    key = secrets.token_urlsafe(32)
    kept[key] = value
    if len(kept) > _MAX_KEPT:
        kept.popitem(last=False)
    return key


def _immediate_location(
    validated: AuthorizationRequest, request: Request, installation: Installation
) -> str | None:
    faults, issuer = installation.faults, issuer_of(request)
    silent = "none" in validated.prompt
    error = "access_denied" if faults.denied else faults.server_error_redirect
    if error:
        return _error_url(validated, error, faults, issuer)
    if faults.auto_sign_in:
        person = installation.directory.by_logon_name(faults.auto_sign_in)
        if person and person.enabled:
            sign_on = SignOn(person_id=person.id, mechanism=Mechanism.QUESTIONS)
            return _signed_in_url(validated, sign_on, installation, issuer)
        return _error_url(validated, "access_denied", faults, issuer)
    known = _single_sign_on(validated, request, installation)
    if known:
        return _signed_in_url(validated, known, installation, issuer)
    return _error_url(validated, "login_required", faults, issuer) if silent else None


def _single_sign_on(
    validated: AuthorizationRequest, request: Request, installation: Installation
) -> SignOn | None:
    """Return who has signed in with this browser before and need not be asked again."""
    sign_on = installation.sign_ons.get(request.cookies.get(COOKIE, ""))
    if not installation.faults.single_sign_on or not validated.prompt <= {"none"}:
        return None
    if sign_on is None or sign_on.expired:
        return None
    person = installation.directory.people.get(sign_on.person_id)
    return sign_on if person and person.enabled else None


def _signed_in_url(
    validated: AuthorizationRequest, sign_on: SignOn, installation: Installation, issuer: str
) -> str:
    code = installation.codes.issue(AuthorizationCode(request=validated, sign_on=sign_on))
    return _success_url(validated, code, installation.faults, issuer)


@router.get(LOGIN_PATH.removeprefix(router.prefix), include_in_schema=False)
async def show_login(request: Request, installation: Installed) -> Response:
    """Show the first page of a sign-in, for the authorization request in ``ReturnUrl``."""
    try:
        # Nobody is ever sent to the ReturnUrl: it is read like the request that it repeats.
        return_url = parse_parameters(request.url.query).get("returnurl", "")
        path, _, query = return_url.partition("?")
        parameters = parse_parameters(query) if path.lower() == AUTHORIZE_PATH else {}
        validated = validate_authorization_request(
            parameters, installation.clients, installation.faults
        )
    except ParametersError:
        return _redirect_to_error("invalid_request", installation)
    except AuthorizeError as error:
        return _redirect_to_error(error.code, installation)
    return login_page(installation.logins.start(validated))


@router.get(ERROR_PATH.removeprefix(router.prefix), include_in_schema=False)
async def show_error(request: Request, installation: Installed) -> Response:
    """Show the error that was redirected here; without a code if it is not known any more."""
    try:
        error_id = parse_parameters(request.url.query).get("errorid", "")
    except ParametersError:
        error_id = ""
    return error_page(installation.shown_errors.get(error_id, ""))


@router.post(LOGIN_PATH.removeprefix(router.prefix), include_in_schema=False)
async def login(request: Request, installation: Installed) -> Response:
    """Process a posted sign-in page; respond with the next page or the redirect."""
    try:
        form = await read_form(request)
    except ParametersError as error:
        return error_page("invalid_request", error.status)
    pending = installation.logins.find(form.get("login", ""))
    if pending is None:
        return error_page(
            "this sign-in page has expired, start again from your application",
            HTTPStatus.BAD_REQUEST,
        )
    if pending.location:
        return _redirect(pending.location, installation)
    result = _advance(pending, form, installation, issuer_of(request))
    if isinstance(result, NextPage):
        return login_page(pending, result.alert)
    if isinstance(result, str):
        pending.location = result
        return _redirect(result, installation)
    pending.location = _signed_in_url(pending.request, result, installation, issuer_of(request))
    response = _redirect(pending.location, installation)
    if installation.faults.single_sign_on:
        response.set_cookie(
            COOKIE,
            _keep(installation.sign_ons, result),
            path="/web.oauth2",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response


def _advance(
    pending: Login, form: dict[str, str], installation: Installation, issuer: str
) -> NextPage | SignOn | str:
    """Return the next page, who has signed in, or where to redirect without signing in."""
    service = LoginService(installation.directory, installation.lockout)
    match form.get("action"):
        case "cancel":
            return _error_url(pending.request, "access_denied", installation.faults, issuer)
        case "next":
            return service.enter_username(pending, form.get("username", ""))
        case "signin":
            result = service.verify(pending, form)
            if isinstance(result, NextPage):
                return result
            return SignOn(person_id=result.person.id, mechanism=result.mechanism)
        case _:
            return service.choose_mechanism(pending, form.get("mechanism", ""))


def _success_url(request: AuthorizationRequest, code: str, faults: Faults, issuer: str) -> str:
    return _response_url(request, [("code", code), ("scope", request.scope)], faults, issuer)


def _error_url(request: AuthorizationRequest, error: str, faults: Faults, issuer: str) -> str:
    parameters = [("error", error)]
    description = faults.error_description
    if description is None and error == faults.server_error_redirect:
        description = "Injected by the sandbox."
    if description is not None:
        parameters.append(("error_description", description))
    return _response_url(request, parameters, faults, issuer)


def _response_url(
    request: AuthorizationRequest, parameters: list[tuple[str, str]], faults: Faults, issuer: str
) -> str:
    if request.state is not None:
        parameters.append(("state", request.state))
    iss = "own" if faults.iss is None and faults.dialect == "duende" else faults.iss
    if iss is not None:
        parameters.append(("iss", issuer if iss == "own" else iss))
    parameters.extend(faults.extra_parameters.items())
    parameters.extend([pair for pair in parameters if pair[0] == faults.repeat])
    separator = "&" if "?" in request.redirect_uri else "?"
    query = urlencode(parameters, quote_via=quote)
    # An error keeps no fragment of the page before it (draft-bradley-oauth-open-redirector).
    fragment = _ERROR_FRAGMENTS[faults.dialect] if parameters[0][0] == "error" else ""
    return f"{request.redirect_uri}{separator}{query}{fragment}"


def _redirect(url: str, installation: Installation) -> RedirectResponse:
    status = HTTPStatus.SEE_OTHER if installation.faults.dialect == "duende" else HTTPStatus.FOUND
    # The URL holds the code: neither caches nor the Referer header may keep it.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, status_code=status, headers=headers)
