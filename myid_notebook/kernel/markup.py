"""The texts and the HTML of a sign-in; pure functions that display nothing."""

from __future__ import annotations

from html import escape

from myid_notebook.explore.session import ExploringSession
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.session.state import clock_time, in_minutes, state_of
from myid_notebook.settings.urls import host_and_port
from myid_notebook.sign_in.messages import CAUSES, Phase, will_fail
from myid_notebook.sign_in.sign_in import SignIn

_BUTTON = (
    "display:inline-block;padding:.45em 1.1em;border-radius:6px;border:0;background:#0b5cad;"
    "color:#fff;font:600 1em/1.4 system-ui,sans-serif;text-decoration:none;cursor:pointer"
)

HINT_AFTER = 30.0
"""Seconds after which the waiting line names the likely causes."""


def button(request: AuthorizationRequest, *, post: bool) -> str:
    """Return the link that starts the sign-in, as HTML.

    Args:
        post: return a form that sends it as POST instead (MyID Core API guide 13.3).
    """
    if not post:
        return (
            f'<a href="{escape(request.url)}" target="_blank" rel="noopener noreferrer" '
            f'style="{_BUTTON}">Sign in to MyID</a>'
        )
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in request.parameters.items()
    )
    return (
        f'<form action="{escape(request.authorize_url)}" method="post" target="_blank" '
        f'rel="noopener noreferrer" style="margin:0">{fields}'
        f'<button type="submit" style="{_BUTTON}">Sign in to MyID</button></form>'
    )


def waiting_line(sign_in: SignIn[ExploringSession]) -> str:
    """Return what a pending sign-in is doing, with the time left."""
    if sign_in.phase is Phase.EXCHANGING:
        return "MyID responded; getting your access token…"
    left = round(sign_in.deadline.seconds_left)
    time_left = f"{left // 60}:{left % 60:02d} left."
    if sign_in.problem:
        return f"{will_fail(sign_in.problem)} {time_left}"
    line = f"Waiting for you to sign in: {time_left}"
    if sign_in.deadline.seconds_gone >= HINT_AFTER:
        line += f" Still waiting? {CAUSES}"
    return line


def pending_line(sign_in: SignIn[ExploringSession]) -> str:
    """Return what a pending sign-in is doing, and where its link is."""
    again = sign_in.session.command
    return f"{waiting_line(sign_in)} Use the link that was shown, or run {again} again."


def signed_in_line(session: ExploringSession, *, origin: str = "") -> str:
    """Return who is signed in, where and for how long; not who, if no person is to be shown.

    Args:
        origin: where the session comes from, such as "from before the restart"; empty for a new
            sign-in.
    """
    state = state_of(session.bearer, session.operator)
    who = f" as {state.operator}" if session.show_rows and state.operator is not None else ""
    words = state.in_words if state.given_by else "signed in"
    line = f"{words[:1].upper()}{words[1:]}{who} at {host_and_port(session.api_url)}"
    if state.seconds_left is not None and state.expires_at is not None:
        line += f" for {in_minutes(state.seconds_left, more=bool(origin))}"
        line += "" if origin else f" (until {clock_time(state.expires_at)})"
    return f"{line} ({origin})" if origin else line


def small_print(reason: str, paste_path: str, *, waits: bool, interruptible: bool = True) -> str:
    """Return how the redirect arrives, where to paste instead, and how to cancel, as HTML.

    Args:
        reason: of the route.
        paste_path: of this Jupyter server's paste page; empty if there is none.
        waits: whether a cell waits for the end.
        interruptible: whether an interrupt of the kernel reaches the code that waits.
    """
    parts = [escape(reason)]
    if paste_path:
        link = f'<a href="{escape(paste_path)}" target="_blank" rel="noopener noreferrer">'
        parts.append(f"Page after sign-in won't load? {link}<u>Paste its address here</u></a>.")
    elif not waits:
        parts.append("Page after sign-in won't load? Run <code>%myid_login --paste</code>.")
    if waits and interruptible:
        parts.append("To cancel, interrupt the kernel (■).")
    return f'<div style="font-size:smaller;line-height:1.4">{" ".join(parts)}</div>'


def advice_line(advice: str) -> str:
    """Return what to do on MyID's page, as HTML; empty for empty advice."""
    style = "margin:.3em 0 .6em;line-height:1.4"
    return f'<div style="{style}">{escape(advice)}</div>' if advice else ""


def problem_line(problem: str, name: str) -> str:
    """Return why a sign-in will fail, as HTML.

    Args:
        problem: in sentences; may be empty.
        name: the class of the element, by which the widget hides it: it shows the same.
    """
    if not problem:
        return ""
    style = "margin:.3em 0;line-height:1.4;font-weight:600"
    return f'<div class="{name}" style="{style}">{escape(will_fail(problem))}</div>'


def plain_text(
    request: AuthorizationRequest, reason: str, timeout: float, advice: str, problem: str = ""
) -> str:
    """Return the pending sign-in for front ends that show text only; timeout in seconds."""
    link = f"Sign in to MyID within {_duration(timeout)} at:\n{request.url}"
    return "\n".join(line for line in (link, will_fail(problem), advice, reason) if line)


def html(request: AuthorizationRequest, timeout: float, advice: str, *, post: bool) -> str:
    """Return the link with what to do and how long it works, as HTML; timeout in seconds."""
    return (
        f"{advice_line(advice)}{button(request, post=post)}"
        f"<div>The link expires in {_duration(timeout)}.</div>"
    )


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes > 1 else f"{seconds:.0f} seconds"
