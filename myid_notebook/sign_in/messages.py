"""The phases of a sign-in, and the errors it can end with."""

from __future__ import annotations

from enum import StrEnum

from myid_notebook.errors import SignInCancelled, SignInFailed, SignInTimeout


class Phase(StrEnum):
    """Where a sign-in stands; it moves downwards only, and ends in one of the last two."""

    WAITING = "waiting for the redirect"
    EXCHANGING = "exchanging the code for a token"
    SIGNED_IN = "signed in"
    FAILED = "ended without a token"

    @property
    def pending(self) -> bool:
        """Whether the sign-in can still end either way."""
        return self in {Phase.WAITING, Phase.EXCHANGING}


CAUSES = (
    "MyID keeps most errors on its own page: an unknown client id, a redirect URI that is not "
    "registered exactly so, a scope it does not allow. Look there"
)
"""Why nothing may come back from MyID."""


def timed_out(phase: Phase, timeout: float, redirect_uri: str) -> SignInTimeout:
    """Return the error for a sign-in whose time is over.

    Args:
        phase: where it stood.
        timeout: seconds it had.
        redirect_uri: where the answer should have come.
    """
    if phase is Phase.EXCHANGING:
        return SignInTimeout(
            f"MyID's token endpoint did not answer within the {timeout:.0f} seconds of this "
            "sign-in. Run %myid_login to try again; if it stays, notify your MyID administrator."
        )
    return SignInTimeout(
        f"Nobody finished signing in within {timeout:.0f} seconds. Run %myid_login to try again "
        f"(--timeout SECONDS gives more time). If you did sign in at MyID: {CAUSES}; the answer "
        f"was expected at {redirect_uri}. %myid_doctor looks for the cause."
    )


def superseded() -> SignInCancelled:
    """Return the error for a sign-in that a newer one replaced."""
    return SignInCancelled("A newer %myid_login took the place of this sign-in.")


def logged_out() -> SignInCancelled:
    """Return the error for a sign-in that ``%myid_logout`` ended."""
    return SignInCancelled("The sign-in was ended by %myid_logout.")


def cancelled() -> SignInCancelled:
    """Return the error for a sign-in that the user gave up."""
    return SignInCancelled("The sign-in was cancelled. Run %myid_login to start another.")


def broken_off(error: Exception) -> SignInFailed:
    """Return the error for a sign-in that this process could not go on with.

    Args:
        error: what came in the way; of its text only the system's own words are used.
    """
    reason = getattr(error, "strerror", None) or type(error).__name__
    return SignInFailed(
        f"This kernel could not go on with the sign-in ({reason}). Close what it holds open, or "
        "restart it, and run %myid_login again; if it stays, ask whoever runs this machine."
    )


def shut_down() -> SignInCancelled:
    """Return the error for a sign-in that ended with its kernel."""
    return SignInCancelled("The sign-in ended with its kernel.")
