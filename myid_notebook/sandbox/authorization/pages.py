"""The HTML of the sign-in pages and the error page: no script, no external resources."""

import base64
import hashlib
from html import escape

from fastapi.responses import HTMLResponse

from myid_notebook.sandbox.authorization.login import Login, Mechanism

LOGIN_PATH = "/web.oauth2/account/login"
"""The path that the pages post to (assumption)."""

_CANCEL = (
    '<button class="quiet" type="submit" name="action" value="cancel" formnovalidate>'
    "Cancel</button>"
)

_STYLE = """
:root { color-scheme: light; --ink: #14283d; --line: #b9c5d1; --deep: #0b4f7d; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: linear-gradient(160deg, #0b2f4d, #2a6f97); color: var(--ink);
  font: 16px/1.5 "Segoe UI", system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 2rem; background: #fff; border-radius: 6px;
  box-shadow: 0 12px 40px rgb(0 0 0 / 35%); overflow-wrap: anywhere; }
.brand { margin: 0; font-size: .85rem; font-weight: 600; letter-spacing: .06em;
  text-transform: uppercase; color: var(--deep); }
h1 { margin: .25rem 0 1rem; font-size: 1.5rem; font-weight: 600; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; padding: .6rem .7rem; font: inherit; border: 1px solid var(--line);
  border-radius: 4px; }
button { width: 100%; margin-top: .75rem; padding: .65rem; font: inherit; font-weight: 600;
  border: 1px solid var(--deep); border-radius: 4px; background: #fff; color: var(--deep);
  cursor: pointer; }
button.first { background: var(--deep); color: #fff; }
button.quiet { border-color: transparent; font-weight: 400; }
button:hover { filter: brightness(1.12); }
button:focus-visible, input:focus-visible { outline: 3px solid #f2a900; outline-offset: 1px; }
[role=alert] { margin: 0 0 1rem; padding: .6rem .8rem; border-left: 4px solid #b3261e;
  background: #fdecea; color: #7a1610; }
footer { margin-top: 1.5rem; font-size: .8rem; color: #4a5b6c; }
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
        return _form_page(login, "Your user name", _username(), alert)
    if login.mechanism is Mechanism.CODE:
        return _form_page(login, "Authentication Code", _code(), alert)
    return _form_page(login, "Security Questions", _questions(login), alert)


def _form_page(login: Login, heading: str, fields: str, alert: str) -> HTMLResponse:
    form = (
        f'<form method="post" action="{LOGIN_PATH}" autocomplete="off">'
        f'<input type="hidden" name="login" value="{escape(login.id)}">{fields}{_CANCEL}</form>'
    )
    return page(heading, form, alert=alert)


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


def _username() -> str:
    return _input("username", "Username", kind="text", first=True) + _button("next", "Next")


def _questions(login: Login) -> str:
    inputs = "".join(
        _input(f"answer{number}", question, kind="password", first=number == 1)
        for number, question in enumerate(login.questions, start=1)
    )
    return f"<p>Signing in as {escape(login.username)}</p>{inputs}{_button('signin', 'Sign In')}"


def _code() -> str:
    field = _input("code", "Authentication code", kind="password", first=True)
    return field + _button("signin", "Sign In")


def _input(name: str, label: str, *, kind: str, first: bool) -> str:
    focus = " autofocus" if first else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="off" maxlength="200"'
        f" required{focus}>"
    )


def _button(action: str, label: str) -> str:
    return f'<button class="first" type="submit" name="action" value="{action}">{label}</button>'


def page(heading: str, body: str, *, alert: str = "", status: int = 200) -> HTMLResponse:
    """Return a complete page.

    Args:
        heading: the heading, as text.
        body: the content below the heading, as HTML in which all text is escaped.
        alert: a warning above the content, as text; empty for none.
        status: the HTTP status.
    """
    warning = f'<p role="alert">{escape(alert)}</p>' if alert else ""
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading)} - MyID Authentication</title><style>{_STYLE}</style></head>"
        f'<body><main><p class="brand">MyID Authentication</p><h1>{escape(heading)}</h1>'
        f"{warning}{body}"
        "<footer>MyID sandbox with fictitious people. Do not enter real credentials.</footer>"
        "</main></body></html>"
    )
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def error_page(code: str, status: int = 400) -> HTMLResponse:
    """Return MyID's error page, which does not redirect to the client (OC 17.4.2)."""
    return page("Error", "", alert=f"Sorry, there was an error : {code}", status=status)
