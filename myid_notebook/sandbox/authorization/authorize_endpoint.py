"""``connect/authorize`` and the pages behind it (CORE 4.3.1)."""

from fastapi import APIRouter, Request, Response

from myid_notebook.sandbox.authorization.authorization_request import (
    AuthorizationRequest,
    AuthorizeError,
    check_authorization_request,
)
from myid_notebook.sandbox.authorization.code import Grant
from myid_notebook.sandbox.authorization.discovery import issuer_of
from myid_notebook.sandbox.authorization.lockout import Mechanism
from myid_notebook.sandbox.authorization.login import Login
from myid_notebook.sandbox.authorization.login_page import LOGIN_PATH, login_page
from myid_notebook.sandbox.authorization.openapi import AUTHORIZE_FORM, AUTHORIZE_QUERY
from myid_notebook.sandbox.authorization.page import error_page
from myid_notebook.sandbox.authorization.parameters import (
    ParametersError,
    parse_parameters,
    read_form,
)
from myid_notebook.sandbox.authorization.redirect import error_url, redirect_to, success_url
from myid_notebook.sandbox.authorization.sign_in import SignIn, Stay
from myid_notebook.sandbox.installation import Installation, Installed
from myid_notebook.sandbox.population.person import Person

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
        asked = check_authorization_request(
            parameters, installation.clients, installation.faults.redirect_mismatch_code
        )
    except ParametersError as error:
        return error_page("invalid_request", error.status)
    except AuthorizeError as error:
        return error_page(error.code)
    location = _immediate_location(asked, installation, issuer_of(request))
    return redirect_to(location) if location else login_page(installation.logins.begin(asked))


def _immediate_location(
    asked: AuthorizationRequest, installation: Installation, issuer: str
) -> str | None:
    faults = installation.faults
    if faults.denied:
        return error_url(asked, "access_denied", faults, issuer)
    if faults.server_error_redirect:
        return error_url(asked, faults.server_error_redirect, faults, issuer)
    if faults.auto_sign_in:
        person = installation.directory.by_logon_name(faults.auto_sign_in)
        if person and person.enabled:
            return _signed_in_url(asked, person, Mechanism.QUESTIONS, installation, issuer)
        return error_url(asked, "access_denied", faults, issuer)
    if asked.prompt == "none":
        # There is no single sign-on session, so nobody is signed in already.
        return error_url(asked, "login_required", faults, issuer)
    return None


def _signed_in_url(
    asked: AuthorizationRequest,
    person: Person,
    mechanism: Mechanism,
    installation: Installation,
    issuer: str,
) -> str:
    grant = Grant(request=asked, person_id=person.id, mechanism=mechanism)
    return success_url(asked, installation.codes.issue(grant), installation.faults, issuer)


@router.post(LOGIN_PATH.removeprefix(router.prefix), include_in_schema=False)
async def login(request: Request, installation: Installed) -> Response:
    """Take what a sign-in page posts and answer with the next page or the redirect."""
    try:
        form = await read_form(request)
    except ParametersError as error:
        return error_page("invalid_request", error.status)
    pending = installation.logins.find(form.get("login", ""))
    if pending is None:
        return error_page("this sign-in page has expired, begin again in your application")
    if not pending.location:
        step = _step(pending, form, installation, issuer_of(request))
        if isinstance(step, Stay):
            return login_page(pending, step.alert)
        pending.location = step
    return redirect_to(pending.location)


def _step(
    pending: Login, form: dict[str, str], installation: Installation, issuer: str
) -> Stay | str:
    sign_in = SignIn(installation.directory, installation.lockout)
    match form.get("action"):
        case "cancel":
            return error_url(pending.request, "access_denied", installation.faults, issuer)
        case "next":
            return sign_in.name(pending, form.get("username", ""))
        case "signin":
            step = sign_in.answer(pending, form)
            if isinstance(step, Stay):
                return step
            return _signed_in_url(
                pending.request, step.person, step.mechanism, installation, issuer
            )
        case _:
            return sign_in.choose(pending, form.get("mechanism", ""))
