"""Check MyID's server: reachable, trusted, clock, authorize endpoint, token endpoint."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import unescape
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests

from myid_notebook.doctor.check import Cause, Check, Finding, note, ok, wrong
from myid_notebook.doctor.probe import NoResponseError, Send, send_probe
from myid_notebook.errors import SettingError
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.oauth.token_request import TokenRequest, authorization_code_grant
from myid_notebook.oauth.token_response import CHECK_CLIENT, TokenResponse
from myid_notebook.session.bearer import BearerAuth
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.urls import origin
from myid_notebook.sign_in.operator_name import person_url
from myid_notebook.sign_in.without_browser import place_of_token, token_of_settings
from myid_notebook.transport.client import HTTPResponse
from myid_notebook.transport.failure import Failure, variable_of_url
from myid_notebook.transport.token_endpoint import client_authentication
from myid_notebook.untrusted_text import outside_text

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
_NOT_A_VERIFIER = "myid-doctor-this-is-not-a-verifier-0000000000000"
_ADMINISTRATOR = "Show this to your MyID administrator."


def server_checks(
    settings: Settings, redirect_uri: str, *, send: Send = send_probe, check_client: bool = True
) -> Iterator[Check]:
    """Yield the checks of the server; none of them signs in.

    Args:
        redirect_uri: the one a sign-in would use.
        send: sends the requests.
        check_client: whether to ask the token endpoint about the client and its secret.
    """
    try:
        response = _request_authorize_page(settings, redirect_uri, send)
    except NoResponseError as error:
        # Of another server than the token endpoint's, the browser alone needs a response.
        needed = origin(settings.authorize_url) == origin(settings.token_url)
        yield _unreachable("MyID server", error.failure, certain=error.failure.lasting and needed)
        return
    except SettingError as error:
        yield wrong("TLS", "cannot be checked", str(error))
        return
    yield ok("MyID server", f"{urlsplit(settings.authorize_url).netloc} responds")
    yield _trust_check(settings)
    yield _clock_check(response)
    yield _authorize_check(response, redirect_uri, settings)
    if check_client:
        yield _token_check(settings, redirect_uri, send)


def _unreachable(subject: str, failure: Failure, *, certain: bool) -> Check:
    return wrong(subject, failure.reason, failure.remedy, cause=Cause.UNREACHABLE, certain=certain)


def _trust_check(settings: Settings) -> Check:
    if urlsplit(settings.authorize_url).scheme == "http":
        return note("TLS", "not used: plain http to this machine")
    store = settings.ca_bundle or "the operating system's store"
    return ok("TLS", f"the certificate is trusted by {store}")


def _clock_check(response: HTTPResponse) -> Check:
    try:
        theirs = parsedate_to_datetime(response.headers["Date"])
        # A date without a time zone ("-0000") is UTC too (RFC 9110 section 5.6.7).
        skew = (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)).timestamp() - time.time()
    except (KeyError, ValueError, OverflowError):
        return note("clock", "MyID does not send its time")
    if abs(skew) > MAX_SKEW:
        return wrong(
            "clock",
            f"MyID's clock differs from this machine's by {skew:+.0f} seconds",
            "Correct the clock of the kernel's machine (or of MyID): expiry times are wrong.",
        )
    return ok("clock", f"MyID's and this machine's clocks agree within {MAX_SKEW:.0f} seconds")


def _request_authorize_page(settings: Settings, redirect_uri: str, send: Send) -> HTTPResponse:
    request = AuthorizationRequest(
        authorize_url=settings.authorize_url,
        client_id=settings.client_id,
        redirect_uri=redirect_uri,
        scope=settings.scope,
        state="myid-doctor",
        code_verifier=_NOT_A_VERIFIER,
        issuer=None,
    )
    # An error may be sent to the redirect URI, which this process is not to visit.
    return send(
        "GET",
        request.url,
        settings.ca_bundle,
        stop_at=redirect_uri,
        setting=variable_of_url(settings, "authorize_url"),
    )


def _authorize_check(response: HTTPResponse, redirect_uri: str, settings: Settings) -> Check:
    if response.url.startswith(redirect_uri):
        return _redirect_check(response.url, settings)
    page = response.body.decode(errors="replace")
    said = outside_text(_error_in(page), _hidden(settings))
    # Another server may be a proxy's or a provider's, which a browser gets past.
    from_myid = origin(response.url) == origin(settings.authorize_url)
    if said or "/error" in urlsplit(response.url).path.lower():
        return wrong(
            "authorize endpoint",
            f"MyID shows an error page{f' ({said})' if said else ''}",
            f"The client id (MYID_CLIENT_ID) or this exact redirect URI, {redirect_uri} "
            "(MYID_REDIRECT_URI), is not registered, or the scope (MYID_SCOPE) or PKCE is not "
            "allowed. Ask your MyID administrator to compare the client entry that %myid_doctor "
            "shows with the one on the server.",
            cause=_ERROR_CODES.get(said, Cause.ERROR_PAGE),
            certain=from_myid,
        )
    check = _server_fault("authorize endpoint", response) or _page_check(page, response, settings)
    # Otherwise the kernel may be refused what the browser gets.
    lasting = response.status in _LASTING and from_myid
    lasting &= origin(settings.authorize_url) == origin(settings.token_url)
    return replace(check, certain=lasting and check.finding is Finding.WRONG)


_ERROR_CODES = {"invalid_scope": Cause.SCOPE, "invalid_request": Cause.BAD_REQUEST}
"""From IdentityServer 4.0 on, ``invalid_request`` is a redirect URI that is not this client's. An
unknown client is ``unauthorized_client``, which was also such a redirect URI before."""

_TAG = re.compile(r"<[^<>]*>")


def _redirect_check(url: str, settings: Settings) -> Check:
    subject, query = "authorize endpoint", parse_qs(urlsplit(url).query)
    if "code" in query:
        return ok(subject, "needs no sign-in page: client id and redirect URI are registered")
    error = query.get("error", ["no error"])[0]
    return wrong(
        subject,
        f"MyID refuses the request ({outside_text(error, _hidden(settings))})",
        "The client id and the redirect URI are registered, but the scope (MYID_SCOPE) or "
        f"another part of the request is not allowed. {_ADMINISTRATOR}",
        cause=Cause.SCOPE if error == "invalid_scope" else None,
        # Others depend on the person, or pass by themselves (RFC 6749 section 4.1.2.1).
        certain=error in _REFUSALS,
    )


def _error_in(page: str) -> str:
    """Return the code on MyID's error page, in whatever markup; empty if it is no error page."""
    _, found, rest = page.partition("Sorry, there was an error")
    lines = unescape(_TAG.sub("\n", rest)).replace("\r", "\n").split("\n")
    words = (line.strip(" \t\xa0:") for line in lines)
    first = next((line for line in words if line), "")
    code = "" if first.lower().startswith("request id") else first  # which follows where none is
    return code or "no code" if found else ""


def _page_check(page: str, response: HTTPResponse, settings: Settings) -> Check:
    subject = "authorize endpoint"
    success = response.status == requests.codes.ok
    if success and _is_sign_in_page(page, response, settings):
        return ok(subject, "shows the sign-in page: client id and redirect URI are registered")
    if success and _is_html(page, response):
        return note(
            subject,
            f"{urlsplit(response.url).netloc} shows a page that may not be MyID's sign-in page",
            "If the sign-in link does not lead to MyID, check MYID_SERVER (and MYID_AUTHORIZE_URL, "
            "if set), and whether the network has a sign-in page of its own.",
        )
    return wrong(
        subject,
        f"HTTP {response.status}, not a sign-in page",
        f"Check MYID_SERVER (and MYID_AUTHORIZE_URL, if set). {_ADMINISTRATOR}",
        cause=Cause.OTHER_SERVER,
    )


def _is_sign_in_page(page: str, response: HTTPResponse, settings: Settings) -> bool:
    # Some ways to sign in, such as smart cards, have a page of scripts without a form.
    if urlsplit(response.url).path.lower().rstrip("/").endswith("/account/login"):
        return True
    title = _TITLE.search(page)
    if title is not None and "MyID Authentication" in unescape(title[1]):
        return True
    return "<form" in page.lower() and origin(response.url) == origin(settings.authorize_url)


_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title", re.DOTALL | re.IGNORECASE)


def _is_html(page: str, response: HTTPResponse) -> bool:
    kind = response.headers.get("Content-Type", "").lower()
    return kind.startswith(("text/html", "application/xhtml")) or "<html" in page.lower()


def _server_fault(subject: str, response: HTTPResponse) -> Check | None:
    if response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    host = urlsplit(response.url).netloc
    # IIS shows this page if an application does not start; the codes from 500.30 on are its own.
    found = re.search(r"HTTP Error (500\.\d{2})", response.body.decode(errors="replace"))
    code = found[1] if found else str(response.status)
    if code == "500.30":
        return wrong(
            subject,
            f"MyID's web.oauth2 at {host} does not start (HTTP 500.30)",
            "Your settings are not the cause. Your MyID administrator must correct a file in the "
            "CustomClients folder, or appsettings.Production.json: it is not valid JSON, or it "
            "contains a ClientId twice.",
            cause=Cause.NOT_STARTED,
        )
    return wrong(
        subject,
        f"the server {host} fails (HTTP {code})",
        "Your settings are probably not the cause. Try again later; if the problem persists, "
        "notify your MyID administrator.",
        cause=Cause.SERVER_FAULT,
    )


def _token_check(settings: Settings, redirect_uri: str, send: Send) -> Check:
    subject = "token endpoint"
    request = TokenRequest(
        grant=authorization_code_grant(_NOT_A_CODE, redirect_uri, _NOT_A_VERIFIER),
        authentication=client_authentication(settings),
    )
    try:
        response = send(
            "POST",
            settings.token_url,
            settings.ca_bundle,
            headers=request.headers,
            form=request.form,
            setting=variable_of_url(settings, "token_url"),
        )
        error = json.loads(response.body)["error"]
    except NoResponseError as none:
        return _unreachable(subject, none.failure, certain=none.failure.lasting)
    except (ValueError, KeyError, TypeError, RecursionError):
        check = _server_fault(subject, response) or wrong(
            subject,
            f"HTTP {response.status}, not the response of a token endpoint",
            f"Check MYID_SERVER (and MYID_TOKEN_URL, if set). {_ADMINISTRATOR}",
            cause=Cause.OTHER_SERVER,
        )
        return replace(check, certain=response.status not in _PASSING)
    return _client_check(subject, outside_text(str(error), _hidden(settings)), settings)


def _hidden(settings: Settings) -> list[str]:
    # A server may echo what it was sent.
    return [settings.client_secret] if settings.client_secret else []


def _client_check(subject: str, error: str, settings: Settings) -> Check:
    if error == "invalid_grant":
        return ok(
            subject, "accepts the client id and secret, and correctly refuses an invented code"
        )
    no_secret = settings.client_secret is None
    if error == "invalid_client" and no_secret and settings.needs_client_secret:
        return note(subject, "responds; not tested further, because no client secret is set")
    if error == "invalid_client" and no_secret:
        return wrong(
            subject,
            "refuses the client id without a client secret",
            "Check MYID_CLIENT_ID, or set MYID_CLIENT_SECRET.",
            cause=Cause.CLIENT,
            certain=True,
        )
    if error == "invalid_client":
        return wrong(
            subject,
            "refuses the client id or the client secret",
            CHECK_CLIENT,
            cause=Cause.CLIENT,
            certain=True,
        )
    may_not = error == "unauthorized_client"
    return wrong(
        subject,
        f"responds with {error} to an invented code",
        f"Expected invalid_grant. {_ADMINISTRATOR}",
        cause=Cause.GRANT if may_not else None,
        certain=may_not,
    )


def access_token_check(settings: Settings) -> Check:
    """Ask the API, with one request, whether it accepts the token of ``access_token``."""
    subject, place = "access token", place_of_token(settings)
    try:
        token = token_of_settings(settings)
        auth = BearerAuth(settings.api_url, "")
        auth.token = token
        response = send_probe(
            "GET",
            _cheap_url(settings.api_url, token),
            settings.ca_bundle,
            headers={"Accept": "application/json"},
            auth=auth,
            setting=variable_of_url(settings, "api_url"),
        )
    except SettingError as error:
        return wrong(subject, f"the one in {place} cannot be used", str(error))
    except NoResponseError as error:
        return _unreachable("MyID API", error.failure, certain=False)
    if response.status == requests.codes.unauthorized:
        return wrong(
            subject,
            f"MyID does not accept the token in {place}",
            "Replace it with a new token, or remove it to sign in yourself.",
        )
    is_json = "json" in response.headers.get("Content-Type", "")
    if response.status in _ACCEPTED and is_json:
        return ok(subject, f"MyID accepts the token in {place}")
    return wrong(
        "MyID API",
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
