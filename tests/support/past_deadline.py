"""A sign-in whose time is over, without anybody having waited for it."""

from myid_notebook.login import Login
from myid_notebook.login.deadline import Deadline


class PastDeadline(Deadline):
    """A deadline that has passed.

    Args:
        timeout: seconds there were.
    """

    @property
    def seconds_left(self) -> float:
        """None."""
        return 0.0


def let_time_pass(login: Login) -> None:
    """Let a sign-in's deadline be over, from now on.

    Args:
        login: pending; its clock looks every second.
    """
    login.deadline = PastDeadline(login.deadline.timeout)
