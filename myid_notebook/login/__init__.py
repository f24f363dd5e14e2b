"""One sign-in, from the link to the session: a state machine without user interface."""

from myid_notebook.login.login import Login as Login
from myid_notebook.login.phase import Phase as Phase

__all__ = ["Login", "Phase"]
