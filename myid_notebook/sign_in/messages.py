"""The stages of a sign-in, and the errors it can end with."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from myid_notebook.callback.route import CallbackRoute
from myid_notebook.errors import SignInCancelled, SignInFailed, SignInTimeout
from myid_notebook.sign_in.deadline import Deadline


class Stage(StrEnum):
    """How far a sign-in is; ``sign_in.py`` has the order."""

    WAITING = "waiting for the redirect"
    EXCHANGING = "exchanging the code for a token"
    NAMING = "looking up the operator's name; the session works"
    ENDED = "ended, with or without a token"


CAUSES = (
    "If MyID showed an error page, the client id, redirect URI or scope is probably not "
    "registered. Run %myid_doctor (in a terminal: myid-notebook doctor)."
)
"""Why no redirect may arrive from MyID."""


def will_fail(problem: str) -> str:
    """Return that a pending sign-in will fail, and why; empty if nothing is known.

    Args:
        problem: in sentences; may be empty.
    """
    return f"This sign-in will fail. {problem}" if problem else ""


class _Late(Protocol):
    """What the error for a sign-in whose time is over says; ``SignIn`` has it."""

    stage: Stage
    deadline: Deadline
    route: CallbackRoute
    problem: str


def timed_out(sign_in: _Late) -> SignInTimeout:
    """Return the error for a sign-in whose time is over."""
    timeout, route, problem = sign_in.deadline.timeout, sign_in.route, sign_in.problem
    if sign_in.stage is Stage.EXCHANGING:
        return SignInTimeout(
            f"MyID's token endpoint did not respond within the {timeout:.0f} seconds of this "
            "sign-in. Sign in again. If the problem persists, notify your MyID "
            "administrator."
        )
    cause = f"{CAUSES} {route.if_elsewhere}".rstrip()
    if problem:
        cause = f"When the link was shown, a check found a problem. {problem}"
    return SignInTimeout(
        f"Nobody signed in within {timeout:.0f} seconds. Sign in again, with a longer timeout if "
        f"that was too short. {cause} Expected redirect: {route.redirect_uri}"
    )


def superseded() -> SignInCancelled:
    """Return the error for a sign-in that a newer one replaced."""
    return SignInCancelled("A newer sign-in of the same name replaced this one.")


def logged_out() -> SignInCancelled:
    """Return the error for a sign-in that ``%myid_logout`` ended."""
    return SignInCancelled("%myid_logout ended this sign-in.")


def cancelled() -> SignInCancelled:
    """Return the error for a sign-in that the user cancelled."""
    return SignInCancelled("The sign-in was cancelled. Sign in again to start a new one.")


def process_failed(error: Exception) -> SignInFailed:
    """Return the error for a sign-in that this process could not continue.

    Args:
        error: the cause; only the operating system's own words are used of its text.
    """
    reason = getattr(error, "strerror", None) or type(error).__name__
    return SignInFailed(
        f"The kernel could not continue the sign-in ({reason}). Close open files and connections "
        "or restart the kernel, then sign in again. If the problem persists, ask the "
        "administrator of this machine."
    )


def shut_down() -> SignInCancelled:
    """Return the error for a sign-in that ended with its kernel."""
    return SignInCancelled("The sign-in ended because its kernel stopped.")


def unloaded() -> SignInCancelled:
    """Return the error for a sign-in that ended with the extension."""
    return SignInCancelled(
        "The sign-in ended because myid_notebook was unloaded (%unload_ext or %reload_ext). Load "
        "it and sign in again to start a new one."
    )
