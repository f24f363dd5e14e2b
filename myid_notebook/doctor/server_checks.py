"""Check MyID's server: reachable, trusted, clock, authorize endpoint, token endpoint."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests

from myid_notebook.doctor.check import (
    NOT_A_VERIFIER,
    Cause,
    Examination,
    Finding,
    Result,
    note,
    ok,
    wrong,
)
from myid_notebook.errors import SettingError
from myid_notebook.oauth.token_request import authorization_code_grant
from myid_notebook.oauth.token_response import CHECK_CLIENT, TokenResponse
from myid_notebook.session.bearer import BearerAuth
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.urls import origin
from myid_notebook.sign_in.operator_name import person_url
from myid_notebook.sign_in.without_browser import place_of_token, token_of_settings
from myid_notebook.transport.client import HTTPResponse, moment_of
from myid_notebook.transport.failure import Failure, variable_of_url
from myid_notebook.transport.token_endpoint import token_request
from myid_notebook.untrusted_text import html_title, outside_text, unescape_html

MAX_SKEW = 30.0
"""Seconds by which the clocks may differ before expiry times mislead."""

_LASTING = {requests.codes.not_found, requests.codes.server_error}
"""Statuses of the sign-in page that a browser gets as well, and not because a server is busy."""

_REFUSALS = {
    *("invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type")
}
"""Errors in a redirect that do not depend on the person."""

_PASSING = {requests.codes.timeout, requests.codes.too_many_requests, 502, 503, 504}
"""Statuses of the token endpoint that a moment later may be another one."""

_NOT_A_CODE = "myid-doctor-this-is-not-a-code"
_ADMINISTRATOR = "Show this to your MyID administrator."


def myid_server_check(examination: Examination) -> Result | None:
    """Return whether MyID's server responds, and nobody need sign in to see that."""
    settings, page = examination.settings, examination.authorize_page
    if settings is not None and settings.access_token is not None:
        return None
    if settings is None or page is None:
        return note("skipped until the settings above are fixed")
    if isinstance(page, Failure):
        # Of another server than the token endpoint's, the browser alone needs a response.
        needed = origin(settings.authorize_url) == origin(settings.token_url)
        return _no_response(page, certain=page.lasting and needed)
    return ok(f"{urlsplit(settings.authorize_url).netloc} responds")


def _no_response(failure: Failure, *, certain: bool) -> Result:
    return wrong(failure.reason, failure.remedy, cause=Cause.NO_RESPONSE, certain=certain)


def tls_check(examination: Examination) -> Result | None:
    """Return what MyID's certificate is trusted by."""
    settings, page = examination.settings, examination.authorize_page
    if settings is None or not isinstance(page, HTTPResponse):
        return None
    if urlsplit(settings.authorize_url).scheme == "http":
        return note("not used: plain http to this machine")
    store = settings.ca_bundle or "the operating system's store"
    return ok(f"the certificate is trusted by {store}")


def clock_check(examination: Examination) -> Result | None:
    """Return whether MyID's clock and this machine's agree."""
    page = examination.authorize_page
    if not isinstance(page, HTTPResponse):
        return None
    try:
        skew = moment_of(page.headers["Date"]) - time.time()
    except (KeyError, ValueError):
        return note("MyID does not send its time")
    if abs(skew) > MAX_SKEW:
        return wrong(
            f"MyID's clock differs from this machine's by {skew:+.0f} seconds",
            "Correct the clock of the kernel's machine (or of MyID): expiry times are wrong.",
        )
    return ok(f"MyID's and this machine's clocks agree within {MAX_SKEW:.0f} seconds")


def authorize_endpoint_check(examination: Examination) -> Result | None:
    """Return whether the sign-in link leads to MyID's sign-in page."""
    settings, redirect_uri = examination.settings, examination.redirect_uri
    response = examination.authorize_page
    if settings is None or not isinstance(response, HTTPResponse):
        return None
    if response.url.startswith(redirect_uri):
        return _result_of_redirect(response.url, settings)
    page = response.body.decode(errors="replace")
    said = _shown(_error_in(page), settings)
    # Another server may be a proxy's or a provider's, which a browser gets past.
    from_myid = origin(response.url) == origin(settings.authorize_url)
    if said or "/error" in urlsplit(response.url).path.lower():
        return wrong(
            f"MyID shows an error page{f' ({said})' if said else ''}",
            f"The client id (MYID_CLIENT_ID) or this exact redirect URI, {redirect_uri} "
            "(MYID_REDIRECT_URI), is not registered, or the scope (MYID_SCOPE) or PKCE is not "
            "allowed. Ask your MyID administrator to compare the client entry that %myid_doctor "
            "shows with the one on the server.",
            cause=_ERROR_CODES.get(said, Cause.ERROR_PAGE),
            certain=from_myid,
        )
    result = _server_fault(response) or _result_of_page(page, response, settings)
    # Otherwise the kernel may be refused what the browser gets.
    lasting = response.status in _LASTING and from_myid
    lasting &= origin(settings.authorize_url) == origin(settings.token_url)
    return replace(result, certain=lasting and result.finding is Finding.WRONG)


_ERROR_CODES = {"invalid_scope": Cause.SCOPE, "invalid_request": Cause.BAD_REQUEST}
"""From IdentityServer 4.0 on, ``invalid_request`` is a redirect URI that is not this client's. An
unknown client is ``unauthorized_client``, which was also such a redirect URI before."""

_TAG = re.compile(r"<[^<>]*>")


def _result_of_redirect(url: str, settings: Settings) -> Result:
    query = parse_qs(urlsplit(url).query)
    if "code" in query:
        return ok("needs no sign-in page: client id and redirect URI are registered")
    error = query.get("error", ["no error"])[0]
    return wrong(
        f"MyID refuses the request ({_shown(error, settings)})",
        "The client id and the redirect URI are registered, but the scope (MYID_SCOPE) or "
        f"another part of the request is not allowed. {_ADMINISTRATOR}",
        cause=Cause.SCOPE if error == "invalid_scope" else None,
        # Others depend on the person, or pass by themselves (RFC 6749 section 4.1.2.1).
        certain=error in _REFUSALS,
    )


def _error_in(page: str) -> str:
    """Return the code on MyID's error page, in whatever markup; empty if it is no error page."""
    _, found, rest = page.partition("Sorry, there was an error")
    lines = unescape_html(_TAG.sub("\n", rest)).replace("\r", "\n").split("\n")
    words = (line.strip(" \t\xa0:") for line in lines)
    first = next((line for line in words if line), "")
    code = "" if first.lower().startswith("request id") else first  # which follows where none is
    return code or "no code" if found else ""


def _result_of_page(page: str, response: HTTPResponse, settings: Settings) -> Result:
    success = response.status == requests.codes.ok
    if success and _is_sign_in_page(page, response, settings):
        return ok("shows the sign-in page: client id and redirect URI are registered")
    if success and _is_html(page, response):
        return note(
            f"{_host(response)} shows a page that may not be MyID's sign-in page",
            "If the sign-in link does not lead to MyID, check MYID_SERVER (and MYID_AUTHORIZE_URL, "
            "if set), and whether the network has a sign-in page of its own.",
        )
    return wrong(
        f"HTTP {response.status}, not a sign-in page",
        f"Check MYID_SERVER (and MYID_AUTHORIZE_URL, if set). {_ADMINISTRATOR}",
        cause=Cause.OTHER_SERVER,
    )


def _is_sign_in_page(page: str, response: HTTPResponse, settings: Settings) -> bool:
    # Some ways to sign in, such as smart cards, have a page of scripts without a form.
    if urlsplit(response.url).path.lower().rstrip("/").endswith("/account/login"):
        return True
    if "MyID Authentication" in (html_title(page) or ""):
        return True
    return "<form" in page.lower() and origin(response.url) == origin(settings.authorize_url)


def _is_html(page: str, response: HTTPResponse) -> bool:
    kind = response.headers.get("Content-Type", "").lower()
    return kind.startswith(("text/html", "application/xhtml")) or "<html" in page.lower()


def _host(response: HTTPResponse) -> str:
    # Where a redirect led, it comes from outside.
    return outside_text(urlsplit(response.url).netloc.rpartition("@")[2])


def _server_fault(response: HTTPResponse) -> Result | None:
    if response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    host = _host(response)
    # IIS shows this page if an application does not start; the codes from 500.30 on are its own.
    found = re.search(r"HTTP Error (500\.\d{2})", response.body.decode(errors="replace"))
    code = found[1] if found else str(response.status)
    if code == "500.30":
        return wrong(
            f"MyID's web.oauth2 at {host} does not start (HTTP 500.30)",
            "Your settings are not the cause. Your MyID administrator must correct a file in the "
            "CustomClients folder, or appsettings.Production.json: it is not valid JSON, or it "
            "contains a ClientId twice.",
            cause=Cause.SERVER_FAULT,
        )
    return wrong(
        f"{host} fails (HTTP {code})",
        "Your settings are probably not the cause. Try again later; if the problem persists, "
        "notify your MyID administrator.",
        cause=Cause.SERVER_FAULT,
    )


def token_endpoint_check(examination: Examination) -> Result | None:
    """Return whether the token endpoint accepts the client; asks it with an invented code."""
    settings = examination.settings
    if settings is None or not isinstance(examination.authorize_page, HTTPResponse):
        return None
    grant = authorization_code_grant(_NOT_A_CODE, examination.redirect_uri, NOT_A_VERIFIER)
    request = token_request(settings, grant)
    response = examination.probe.send(
        "POST",
        settings.token_url,
        settings.ca_bundle,
        setting=variable_of_url(settings, "token_url"),
        headers=request.headers,
        form=request.form,
    )
    if isinstance(response, Failure):
        return _no_response(response, certain=response.lasting)
    try:
        error = json.loads(response.body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        result = _server_fault(response) or wrong(
            f"HTTP {response.status}, not the response of a token endpoint",
            f"Check MYID_SERVER (and MYID_TOKEN_URL, if set). {_ADMINISTRATOR}",
            cause=Cause.OTHER_SERVER,
        )
        return replace(result, certain=response.status not in _PASSING)
    return _result_of_error(_shown(str(error), settings), settings)


def _shown(text: str, settings: Settings) -> str:
    return outside_text(text, [settings.client_secret or ""])  # a server may echo what it was sent


def _result_of_error(error: str, settings: Settings) -> Result:
    if error == "invalid_grant":
        return ok("accepts the client id and secret, and correctly refuses an invented code")
    no_secret = settings.client_secret is None
    if error == "invalid_client" and no_secret and settings.needs_client_secret:
        return note("responds; not tested further, because no client secret is set")
    if error == "invalid_client" and no_secret:
        return wrong(
            "refuses the client id without a client secret",
            "Check MYID_CLIENT_ID, or set MYID_CLIENT_SECRET.",
            cause=Cause.CLIENT,
            certain=True,
        )
    if error == "invalid_client":
        return wrong(
            "refuses the client id or the client secret",
            CHECK_CLIENT,
            cause=Cause.CLIENT,
            certain=True,
        )
    may_not = error == "unauthorized_client"
    return wrong(
        f"responds with {error} to an invented code",
        f"Expected invalid_grant. {_ADMINISTRATOR}",
        cause=Cause.GRANT if may_not else None,
        certain=may_not,
    )


def access_token_check(examination: Examination) -> Result | None:
    """Ask the API, with one request, whether it accepts the token of ``access_token``."""
    settings = examination.settings
    if settings is None or settings.access_token is None:
        return None
    place = place_of_token(settings)
    try:
        token = token_of_settings(settings)
    except SettingError as error:
        return wrong(f"the one in {place} cannot be used", str(error))
    auth = BearerAuth(settings.api_url, "")
    auth.token = token
    response = examination.probe.send(
        "GET",
        _cheap_url(settings.api_url, token),
        settings.ca_bundle,
        setting=variable_of_url(settings, "api_url"),
        headers={"Accept": "application/json"},
        auth=auth,
    )
    if isinstance(response, Failure):
        return _no_response(response, certain=False)
    if response.status == requests.codes.unauthorized:
        return wrong(
            f"MyID does not accept the token in {place}",
            "Replace it with a new token, or remove it to sign in yourself.",
        )
    if response.status in _ACCEPTED and "json" in response.headers.get("Content-Type", ""):
        return ok(f"MyID accepts the token in {place}")
    return wrong(
        f"HTTP {response.status}, not the response of MyID's API",
        f"Check MYID_SERVER (and MYID_API_URL, if set). {_ADMINISTRATOR}",
    )


_ACCEPTED = {requests.codes.ok, requests.codes.forbidden, requests.codes.not_found}
"""Statuses of the API for a token that it accepts, whatever its owner may see."""


def _cheap_url(api_url: str, token: TokenResponse) -> str:
    try:
        return person_url(api_url, token.subject or "")
    except ValueError:
        return person_url(api_url, str(UUID(int=0)))  # nobody
