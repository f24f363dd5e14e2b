"""The pages a person walks through to sign in (OC 3.2)."""

from html import escape

from fastapi.responses import HTMLResponse

from myid_notebook.sandbox.authorization.lockout import Mechanism
from myid_notebook.sandbox.authorization.login import Login
from myid_notebook.sandbox.authorization.page import page

LOGIN_PATH = "/web.oauth2/account/login"
"""Where the pages post to; the path is an assumption."""

_CANCEL = (
    '<button class="quiet" type="submit" name="action" value="cancel" formnovalidate>'
    "Cancel</button>"
)


def login_page(login: Login, alert: str = "") -> HTMLResponse:
    """Return the page for the step that ``login`` has reached.

    Args:
        login: the sign-in in progress.
        alert: a warning to show, as text; empty for none.
    """
    if login.mechanism is None:
        return _page(login, "Sign in", _mechanisms(login), alert)
    if not login.username:
        return _page(login, "Your user name", _username(), alert)
    if login.mechanism is Mechanism.CODE:
        return _page(login, "Authentication Code", _code(), alert)
    return _page(login, "Security Questions", _questions(login), alert)


def _page(login: Login, heading: str, fields: str, alert: str) -> HTMLResponse:
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
