"""One call for a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from myid_notebook.kernel.caller import Caller
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.session import MyIDSession

Deliver = Callable[[MyIDSession], None]
"""Told of a session as soon as it works; may be called in the thread of its sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCall:
    """Who asks for which session, and how.

    Args:
        name: the variable that holds, or will hold, the session.
        options: what the user asked for.
        deliver: told of the session.
        caller: does what takes its time.
    """

    name: str
    options: LoginOptions
    deliver: Deliver
    caller: Caller
