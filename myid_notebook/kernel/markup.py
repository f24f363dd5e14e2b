"""The texts and the HTML of a sign-in; pure functions that display nothing."""

from __future__ import annotations

from datetime import datetime
from html import escape

from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.sign_in.messages import CAUSES, Stage, will_fail
from myid_notebook.sign_in.sign_in import SignIn

_BUTTON = (
    "display:inline-block;padding:.4em 1.05em;border-radius:6px;background:#0b5cad;"
    # Where the system's colours replace ours, the border becomes visible.
    "border:1px solid transparent;"
    "color:#fff;font:600 1em/1.4 system-ui,sans-serif;text-decoration:none;cursor:pointer"
)

_HIDDEN = (
    "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
)
"""Style of what is read to users of a screen reader only."""

_OPENS_TAB = f' <span aria-hidden="true">↗</span><span style="{_HIDDEN}"> (opens a new tab)</span>'

# At the end the link is removed, and a user who followed it loses the focus: JupyterLab's keys
# would then do nothing. It never takes the focus from anything else.
_KEEP_FOCUS = """<script>(script=>{
const area=script&&script.closest(".jp-OutputArea");
if(!area)return;
let last=null;
area.addEventListener("focusin",event=>{last=event.target});
const observer=new MutationObserver(()=>{
if(script.isConnected)return;
observer.disconnect();
if(last&&!last.isConnected&&document.activeElement===document.body){
area.tabIndex=-1;area.focus({preventScroll:true})}
});
observer.observe(area,{childList:true,subtree:true});
})(document.currentScript)</script>"""

_NEAR_END = 60.0
"""Seconds left from which on a screen reader says so."""

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
            f'style="{_BUTTON}">Sign in to MyID{_OPENS_TAB}</a>'
        )
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in request.parameters.items()
    )
    return (
        f'<form action="{escape(request.authorize_url)}" method="post" target="_blank" '
        f'rel="noopener noreferrer" style="margin:0">{fields}'
        f'<button type="submit" style="{_BUTTON}">Sign in to MyID{_OPENS_TAB}</button></form>'
    )


def waiting_line(sign_in: SignIn) -> str:
    """Return what a pending sign-in is doing, with the time left."""
    if sign_in.stage is Stage.EXCHANGING:
        return "Getting your access token from MyID…"
    left = round(sign_in.deadline.seconds_left)
    time_left = f"{left // 60}:{left % 60:02d} left."
    if sign_in.problem:
        return f"{will_fail(sign_in.problem)} {time_left}"
    line = f"Waiting for you to sign in: {time_left}"
    if sign_in.deadline.seconds_gone >= HINT_AFTER:
        line += f" Still waiting? {CAUSES}"
    return line


def announcement(sign_in: SignIn) -> str:
    """Return what a screen reader says of a pending sign-in, as HTML; changes once, near the end.

    The waiting line, which changes every second, must not be a live region.
    """
    is_near = sign_in.deadline.timeout > _NEAR_END >= sign_in.deadline.seconds_left
    text = "One minute left to sign in to MyID." if is_near else "Waiting for you to sign in."
    return f'<div role="status" style="{_HIDDEN}">{text}</div>'


def pending_line(sign_in: SignIn, again: str) -> str:
    """Return what a pending sign-in is doing, and where its link is; empty once it has ended.

    Args:
        again: the command that shows the link again.
    """
    if not sign_in.pending:
        return ""
    return f"{waiting_line(sign_in)} Use the link that was shown, or run {again} again."


def small_print(
    reason: str, *, paste_page: str, paste: str, waits: bool, interruptible: bool = True
) -> str:
    """Return how the redirect arrives, what to do if it does not, and how to cancel, as HTML.

    Args:
        reason: of the route.
        paste_page: the path of this Jupyter server's paste page; empty if there is none.
        paste: the command that prompts for the address of the page after sign-in.
        waits: whether a cell waits for the end.
        interruptible: whether an interrupt of the kernel reaches the code that waits.
    """
    parts = [escape(reason)]
    if paste_page:
        parts.append(
            f"Page after sign-in won't load? {_link(paste_page, 'Paste its address here')}."
        )
    elif not waits:
        parts.append(f"Page after sign-in won't load? Run <code>{escape(paste)}</code>.")
    if waits and interruptible:
        parts.append("To cancel, interrupt the kernel (■).")
    return f'<div style="font-size:max(12px,.9em);line-height:1.4">{" ".join(parts)}</div>'


def _link(path: str, text: str) -> str:
    return (
        f'<a href="{escape(path)}" target="_blank" rel="noopener noreferrer">'
        f"<u>{text}</u>{_OPENS_TAB}</a>"
    )


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


def html(
    request: AuthorizationRequest, timeout: float, ends: datetime, advice: str, *, post: bool
) -> str:
    """Return the link with what to do and how long it works, as HTML.

    Args:
        timeout: seconds in all.
        ends: when the link expires, in UTC. Shown with its date, because a server without the
            extension saves the link as it is.
    """
    return (
        f"{advice_line(advice)}{button(request, post=post)}"
        f"<div>The link expires in {_duration(timeout)} ({ends:%Y-%m-%d %H:%M} UTC). After that, "
        f"run the cell again.</div>{_KEEP_FOCUS}"
    )


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes > 1 else f"{seconds:.0f} seconds"
