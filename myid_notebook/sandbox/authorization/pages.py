"""The HTML of the sign-in pages and the error page: no script, no external resources."""

import base64
import hashlib
import secrets
from html import escape

from fastapi.responses import HTMLResponse

from myid_notebook.sandbox.authorization.login import Login, Mechanism

LOGIN_PATH = "/web.oauth2/account/login"
"""The path of the sign-in page, to which it also posts (assumption)."""

ERROR_PATH = "/web.oauth2/home/error"
"""The path of the error page; IdentityServer's default."""

TITLE = "MyID Authentication"
"""The title of the sign-in pages."""

_CANCEL = (
    '<button class="quiet" type="submit" name="action" value="cancel" formnovalidate>'
    "Cancel</button>"
)

_STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #14283d; --small: #4a5b6c; --line: #66788a;
  --deep: #0b4f7d; --on-deep: #fff; --warn: #b3261e; --warn-page: #fdecea; --warn-ink: #7a1610;
  --top: #0b2f4d; --bottom: #2a6f97; }
@media (prefers-color-scheme: dark) {
  :root { --page: #16212c; --ink: #e6edf4; --small: #b3c1ce; --line: #8296a9; --deep: #8cc8f2;
    --on-deep: #0c1b28; --warn: #ff8a80; --warn-page: #3a1a19; --warn-ink: #ffd5d1;
    --top: #060c12; --bottom: #12293a; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: linear-gradient(160deg, var(--top), var(--bottom)); color: var(--ink);
  font: 16px/1.5 "Segoe UI", system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--page); border-radius: 6px;
  border: 1px solid transparent; box-shadow: 0 12px 40px rgb(0 0 0 / 35%);
  overflow-wrap: anywhere; }
.brand { margin: 0; font-size: .875rem; font-weight: 600; letter-spacing: .06em;
  text-transform: uppercase; color: var(--deep); }
h1 { margin: .25rem 0 1rem; font-size: 1.5rem; font-weight: 600; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; padding: .6rem .7rem; font: inherit; border: 1px solid var(--line);
  border-radius: 4px; background: var(--page); color: var(--ink); }
button { width: 100%; margin-top: .75rem; padding: .65rem; font: inherit; font-weight: 600;
  border: 1px solid var(--deep); border-radius: 4px; background: var(--page); color: var(--deep);
  cursor: pointer; }
button.first { background: var(--deep); color: var(--on-deep); }
button.quiet { border-color: var(--line); font-weight: 400; }
button:hover { text-decoration: underline; }
button:focus-visible, input:focus-visible { outline: 3px solid var(--deep); outline-offset: 2px; }
[role=alert] { margin: 0 0 1rem; padding: .6rem .8rem; border-left: 4px solid var(--warn);
  background: var(--warn-page); color: var(--warn-ink); }
footer { margin-top: 1.5rem; font-size: .875rem; color: var(--small); }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# No form-action: Chromium also applies it to the redirect after a post, which goes to the client.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The headers of every page."""


def login_page(login: Login, alert: str = "") -> HTMLResponse:
    """Return the page for the current step of ``login``, with a warning if ``alert`` is set."""
    if login.mechanism is None:
        return _form_page(login, "Sign in", _mechanisms(login), alert)
    if not login.username:
        return _form_page(login, "Your user name", _username(alert), alert)
    if login.mechanism is Mechanism.CODE:
        return _form_page(login, "Authentication Code", _code(alert), alert)
    return _form_page(login, "Security Questions", _questions(login, alert), alert)


def _form_page(login: Login, heading: str, fields: str, alert: str) -> HTMLResponse:
    form = (
        f'<form method="post" action="{LOGIN_PATH}" autocomplete="off">'
        f'<input type="hidden" name="login" value="{escape(login.id)}">{fields}{_CANCEL}</form>'
    )
    warning = f'<p id="alert" role="alert">{escape(alert)}</p>' if alert else ""
    return page(TITLE, heading, warning + form)


def _mechanisms(login: Login) -> str:
    client = escape(login.request.client.client_name or login.request.client.client_id)
    buttons = "".join(
        f'<button type="submit" name="mechanism" value="{mechanism}"{first}>{label}</button>'
        for mechanism, label, first in (
            (Mechanism.QUESTIONS, "Security Questions", ' class="first"'),
            (Mechanism.CODE, "Authentication Code", ""),
            (Mechanism.SMART_CARD, "Smart Card", ""),
        )
    )
    return f"<p>How do you want to sign in to continue to <b>{client}</b>?</p>{buttons}"


def _username(alert: str) -> str:
    field = _input("username", "Username", kind="text", first=True, alert=alert)
    return field + _button("next", "Next")


def _questions(login: Login, alert: str) -> str:
    inputs = "".join(
        _input(f"answer{number}", question, kind="password", first=number == 1, alert=alert)
        for number, question in enumerate(login.questions, start=1)
    )
    return f"<p>Signing in as {escape(login.username)}</p>{inputs}{_button('signin', 'Sign In')}"


def _code(alert: str) -> str:
    field = _input("code", "Authentication code", kind="password", first=True, alert=alert)
    return field + _button("signin", "Sign In")


def _input(name: str, label: str, *, kind: str, first: bool, alert: str) -> str:
    focus = " autofocus" if first else ""
    # A screen reader reads the warning together with the field.
    described = ' aria-describedby="alert" aria-invalid="true"' if alert else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="off" maxlength="200"'
        f" required{focus}{described}>"
    )


def _button(action: str, label: str) -> str:
    return f'<button class="first" type="submit" name="action" value="{action}">{label}</button>'


def page(title: str, heading: str, body: str, *, status: int = 200) -> HTMLResponse:
    """Return a complete page.

    Args:
        body: the content below the heading, as HTML in which all text is escaped.
    """
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><main><p class="brand">{TITLE}</p><h1>{escape(heading)}</h1>{body}'
        "<footer>MyID sandbox with fictitious people. Do not enter real credentials.</footer>"
        "</main></body></html>"
    )
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def error_page(code: str, status: int = 200) -> HTMLResponse:
    """Return IdentityServer's error page, which does not redirect to the client (OC 17.4.2).

    Args:
        code: the error code; empty for none.
    """
    shown = f" <strong><em>: {escape(code)}</em></strong>" if code else ""
    request_id = f"{secrets.token_hex(6).upper()}:00000001"
    body = (
        f'<div role="alert">Sorry, there was an error{shown}</div>'
        f"<div>Request Id: {request_id}</div>"
    )
    return page("Error", "Error", body, status=status)


def query_too_long_page() -> HTMLResponse:
    """Return what IIS responds to a query of more than 2,048 characters."""
    heading = "HTTP Error 404.15 - Not Found"
    body = "<p>The query string of this request is too long.</p>"
    return page(heading, heading, body, status=404)
