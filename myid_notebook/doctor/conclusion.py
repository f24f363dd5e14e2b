"""Say in one sentence what the findings mean together, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from myid_notebook.doctor.check import Cause, Check, Finding
from myid_notebook.oauth.token_response import CHECK_CLIENT, PLAIN_SECRET
from myid_notebook.settings.resolve import Settings

_ALONE = (
    Cause.UNREACHABLE,
    Cause.NOT_STARTED,
    Cause.SERVER_FAULT,
)
"""The causes that leave nothing else to conclude from, the first one first."""

_REGISTRATION = {Cause.ERROR_PAGE, Cause.BAD_REQUEST, Cause.SCOPE, Cause.CLIENT, Cause.GRANT}


def needs_registration(checks: Sequence[Check]) -> bool:
    """Return whether a client entry at MyID could mend what was found."""
    return any(check.cause in _REGISTRATION for check in checks)


def conclusion(checks: Sequence[Check], settings: Settings | None, redirect_uri: str) -> str:
    """Return what the checks mean together; empty if they found nothing that a person must know.

    Args:
        checks: from ``server_checks``, and any others.
        settings: None if they have a mistake.
        redirect_uri: the one a sign-in would use.
    """
    problems = [check for check in checks if check.finding is Finding.WRONG]
    unusable = [check for check in problems if check.cause is Cause.SETTINGS]
    if unusable:
        return f"Correct the settings first ({unusable[0].detail})."
    for cause in _ALONE:
        found = [check for check in problems if check.cause is cause]
        if found:
            detail = found[0].detail
            # A host's name has no capital letters.
            named = cause is Cause.UNREACHABLE
            return f"{detail if named else _capitalized(detail)}. {found[0].remedy}"
    of_myid = _of_myid(checks, settings, redirect_uri) if settings is not None else ""
    if of_myid:
        return of_myid
    if problems:
        first = problems[0]
        return f"{_capitalized(first.subject)}: {first.detail}. {first.remedy}"
    pasted = [check for check in checks if check.cause is Cause.PASTE_FOR_PORT]
    return f"No problems found, but {pasted[0].detail}. {pasted[0].remedy}" if pasted else ""


def _of_myid(checks: Sequence[Check], settings: Settings, redirect_uri: str) -> str:
    page, token = _of(checks, "authorize endpoint"), _of(checks, "token endpoint")
    causes = (page and page.cause, token and token.cause)
    is_sign_in_page = page is not None and page.finding is Finding.OK
    if causes[1] is Cause.OTHER_SERVER and not is_sign_in_page:
        return (
            "MYID_SERVER leads to a web server that is not MyID's: set it to the server in the "
            "address of MyID's pages (or check MYID_AUTHORIZE_URL and MYID_TOKEN_URL, if set)."
        )
    if causes[1] is Cause.GRANT:
        return (
            f"MyID does not let the client id {settings.client_id} sign people in: ask your MyID "
            "administrator to add authorization_code to its AllowedGrantTypes."
        )
    if causes[0] in _REGISTRATION:
        return _of_error_page(checks, settings, redirect_uri)
    if causes[1] is Cause.CLIENT:
        return _of_refused_client(settings, known=is_sign_in_page)
    return ""


def _of_error_page(checks: Sequence[Check], settings: Settings, redirect_uri: str) -> str:
    page, token = _of(checks, "authorize endpoint"), _of(checks, "token endpoint")
    cause = page.cause if page is not None else None
    refused = token is not None and token.cause is Cause.CLIENT
    client = f"the client id {settings.client_id}"
    if cause is Cause.SCOPE:
        also = " MyID refuses the client secret (MYID_CLIENT_SECRET) as well." if refused else ""
        return (
            f"MyID does not allow the scope {settings.scope} for {client}: set MYID_SCOPE to one "
            "that is allowed, or ask your MyID administrator to add it to the client's "
            f"AllowedScopes.{also}"
        )
    if cause is Cause.ERROR_PAGE and refused:
        return (
            f"MyID probably does not know {client}, because its sign-in page and its token "
            "endpoint both refuse it: check MYID_CLIENT_ID, or ask your MyID administrator to "
            "register the client entry that %myid_doctor shows."
        )
    if token is not None and token.finding is Finding.OK:
        secret = " and secret" if settings.client_secret else ""
        known = f"MyID knows this client{secret}, but not"
    elif cause is Cause.ERROR_PAGE:
        known = f"MyID does not know {client} (MYID_CLIENT_ID), or it does not know"
    elif refused:
        known = f"MyID knows {client}, but neither its secret (MYID_CLIENT_SECRET) nor"
    else:
        known = f"MyID knows {client}, but not"
    return (
        f"{known} the redirect URI {redirect_uri}{_other_port(checks)}: ask your MyID "
        "administrator to register it, or set MYID_REDIRECT_URI to the one that is registered."
    )


def _of_refused_client(settings: Settings, *, known: bool) -> str:
    client = f"the client id {settings.client_id}"
    if settings.client_secret is None:
        return (
            f"MyID expects a client secret for {client}, but none is set: set MYID_CLIENT_SECRET, "
            "or ask your MyID administrator to register a client without a secret."
        )
    if known:
        return (
            f"MyID knows {client} and the redirect URI, but not this client secret: set "
            f"{PLAIN_SECRET}, or ask your MyID administrator for another one."
        )
    return f"MyID refuses {client} or its secret. {CHECK_CLIENT}"


def _other_port(checks: Sequence[Check]) -> str:
    other = [each for each in checks if each.cause in {Cause.OTHER_PORT, Cause.PASTE_FOR_PORT}]
    return f" ({other[0].detail})" if other else ""


def _of(checks: Sequence[Check], subject: str) -> Check | None:
    return next((check for check in checks if check.subject == subject), None)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
