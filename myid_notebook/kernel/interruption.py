"""What an interrupt does to a sign-in."""

from __future__ import annotations

from myid_notebook.errors import SignInInterrupted
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled

INTERRUPTED = "You interrupted the sign-in; it has ended. Run %myid_login to start another."
"""What the user is told."""


def interrupted(login: Login) -> SignInInterrupted:
    """End a sign-in that the user interrupted, and return the error to raise.

    Args:
        login: pending, or ended already.
    """
    login.cancel(cancelled())
    return SignInInterrupted(INTERRUPTED)
