"""``connect/authorize`` and ``account/login``: sign in and redirect with a code (CORE 4.3.1)."""

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
from myid_notebook.sandbox.authorization.pages import LOGIN_PATH, error_page, login_page
from myid_notebook.sandbox.authorization.parameters import (
    AUTHORIZE_FORM,
    AUTHORIZE_QUERY,
    ParametersError,
    parse_parameters,
    read_form,
)
from myid_notebook.sandbox.authorization.tokens import AuthorizationCode
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.installation import Installation, Installed
from myid_notebook.sandbox.population.model import Person

router = APIRouter(prefix="/web.oauth2", tags=["web.oauth2"])


@router.get("/connect/authorize", openapi_extra=AUTHORIZE_QUERY)
@router.post("/connect/authorize", openapi_extra=AUTHORIZE_FORM)
async def authorize(request: Request, installation: Installed) -> Response:
    """Show the sign-in page, or MyID's error page, which does not redirect."""
    installation.counts.authorize_requests += 1
    try:
        if request.method == "GET":
            parameters = parse_parameters(request.url.query)
        else:
            parameters = await read_form(request)
        validated = validate_authorization_request(
            parameters, installation.clients, installation.faults.redirect_mismatch_code
        )
    except ParametersError as error:
        return error_page("invalid_request", error.status)
    except AuthorizeError as error:
        return error_page(error.code)
    location = _immediate_location(validated, installation, issuer_of(request))
    return _redirect(location) if location else login_page(installation.logins.start(validated))


def _immediate_location(
    validated: AuthorizationRequest, installation: Installation, issuer: str
) -> str | None:
    faults = installation.faults
    if faults.denied:
        return _error_url(validated, "access_denied", faults, issuer)
    if faults.server_error_redirect:
        return _error_url(validated, faults.server_error_redirect, faults, issuer)
    if faults.auto_sign_in:
        person = installation.directory.by_logon_name(faults.auto_sign_in)
        if person and person.enabled:
            return _signed_in_url(validated, person, Mechanism.QUESTIONS, installation, issuer)
        return _error_url(validated, "access_denied", faults, issuer)
    if validated.prompt == "none":
        # There is no single sign-on session, so the user always has to interact.
        return _error_url(validated, "login_required", faults, issuer)
    return None


def _signed_in_url(
    validated: AuthorizationRequest,
    person: Person,
    mechanism: Mechanism,
    installation: Installation,
    issuer: str,
) -> str:
    code = AuthorizationCode(request=validated, person_id=person.id, mechanism=mechanism)
    return _success_url(validated, installation.codes.issue(code), installation.faults, issuer)


@router.post(LOGIN_PATH.removeprefix(router.prefix), include_in_schema=False)
async def login(request: Request, installation: Installed) -> Response:
    """Process a posted sign-in page; respond with the next page or the redirect."""
    try:
        form = await read_form(request)
    except ParametersError as error:
        return error_page("invalid_request", error.status)
    pending = installation.logins.find(form.get("login", ""))
    if pending is None:
        return error_page("this sign-in page has expired, start again from your application")
    if not pending.location:
        result = _advance(pending, form, installation, issuer_of(request))
        if isinstance(result, NextPage):
            return login_page(pending, result.alert)
        pending.location = result
    return _redirect(pending.location)


def _advance(
    pending: Login, form: dict[str, str], installation: Installation, issuer: str
) -> NextPage | str:
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
            return _signed_in_url(
                pending.request, result.person, result.mechanism, installation, issuer
            )
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
    if faults.iss is not None:
        parameters.append(("iss", issuer if faults.iss == "own" else faults.iss))
    parameters.extend(faults.extra_parameters.items())
    parameters.extend([pair for pair in parameters if pair[0] == faults.repeat])
    separator = "&" if "?" in request.redirect_uri else "?"
    return f"{request.redirect_uri}{separator}{urlencode(parameters, quote_via=quote)}"


def _redirect(url: str) -> RedirectResponse:
    # The URL holds the code: neither caches nor the Referer header may keep it.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, status_code=302, headers=headers)
