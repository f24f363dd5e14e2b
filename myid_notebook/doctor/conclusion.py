"""Say in one sentence what the findings mean together, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from myid_notebook.doctor.check import Cause, Finding, Line, Result
from myid_notebook.oauth.token_response import CHECK_CLIENT, PLAIN_SECRET
from myid_notebook.settings.resolve import Settings

_ALONE = (Cause.NO_RESPONSE, Cause.SERVER_FAULT)
"""The causes that leave nothing else to conclude from, the first one first."""

_ALLOW_REFRESH = (
    "leave offline_access out of MYID_SCOPE, or ask your MyID administrator to set "
    "AllowOfflineAccess to true in the client entry, with what %myid_doctor shows besides. "
    "offline_access does not belong in AllowedScopes; every other scope does."
)
"""MyID does not say which of the scopes it refuses."""

_REGISTRATION = {Cause.ERROR_PAGE, Cause.BAD_REQUEST, Cause.SCOPE, Cause.CLIENT, Cause.GRANT}


def needs_registration(lines: Sequence[Line]) -> bool:
    """Return whether a client entry at MyID could mend what was found."""
    return any(line.result.cause in _REGISTRATION for line in lines)


def conclusion(lines: Sequence[Line], settings: Settings | None, redirect_uri: str) -> str:
    """Return what the results mean together; empty if there is nothing that a person must know.

    Args:
        lines: of all checks or some of them.
        settings: None if they have a fault.
        redirect_uri: the one a sign-in would use.
    """
    results = {line.check.key: line.result for line in lines}
    problems = [line for line in lines if line.result.finding is Finding.WRONG]
    if settings is None and "settings" in results:
        return f"Correct the settings first ({results['settings'].detail})."
    for cause in _ALONE:
        for line in problems:
            if line.result.cause is cause:
                return f"{line.result.detail}. {line.result.remedy}"
    from_myid = _of_myid(results, settings, redirect_uri) if settings is not None else ""
    if from_myid:
        return from_myid
    for check, result in problems:
        subject = check.subject[:1].upper() + check.subject[1:]
        return f"{subject}: {result.detail}. {result.remedy}"
    pasting = results.get("callback")
    if pasting is None or pasting.cause is not Cause.OTHER_PORT or not pasting.remedy:
        return ""
    return f"No problems found, but {pasting.detail}. {pasting.remedy}"


def _of_myid(results: dict[str, Result], settings: Settings, redirect_uri: str) -> str:
    """Return what the two endpoints of MyID's web.oauth2 mean together; may be empty."""
    page, token = results.get("authorize_endpoint"), results.get("token_endpoint")
    page_cause, token_cause = page and page.cause, token and token.cause
    is_sign_in_page = page is not None and page.finding is Finding.OK
    if token_cause is Cause.OTHER_SERVER and not is_sign_in_page:
        return (
            "MYID_SERVER leads to a web server that is not MyID's: set it to the server in the "
            "address of MyID's pages (or check MYID_AUTHORIZE_URL and MYID_TOKEN_URL, if set)."
        )
    if token_cause is Cause.GRANT:
        return (
            f"MyID does not let the client id {settings.client_id} sign people in: ask your MyID "
            "administrator to add authorization_code to its AllowedGrantTypes."
        )
    if page_cause in _REGISTRATION:
        return _of_error_page(results, settings, redirect_uri)
    if token_cause is Cause.CLIENT:
        return _of_refused_client(settings, known=is_sign_in_page)
    return ""


def _of_error_page(results: dict[str, Result], settings: Settings, redirect_uri: str) -> str:
    cause, token = results["authorize_endpoint"].cause, results.get("token_endpoint")
    refused = token is not None and token.cause is Cause.CLIENT
    client = f"the client id {settings.client_id}"
    if cause is Cause.SCOPE:
        also = " MyID refuses the client secret (MYID_CLIENT_SECRET) as well." if refused else ""
        remedy = (
            _ALLOW_REFRESH
            if settings.asks_to_renew
            else "set MYID_SCOPE to one that is allowed, or ask your MyID administrator to add it "
            "to the client's AllowedScopes."
        )
        return f"MyID does not allow the scope {settings.scope} for {client}: {remedy}{also}"
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
    callback = results.get("callback")
    other_port = callback is not None and callback.cause is Cause.OTHER_PORT
    ports = f" ({callback.detail})" if callback is not None and other_port else ""
    return (
        f"{known} the redirect URI {redirect_uri}{ports}: ask your MyID administrator to register "
        "it, or set MYID_REDIRECT_URI to the one that is registered."
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
