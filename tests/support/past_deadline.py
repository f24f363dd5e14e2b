"""A sign-in whose time is over, without anybody having waited for it."""

from myid_notebook.sign_in.deadline import Deadline
from myid_notebook.sign_in.sign_in import SignIn


class PastDeadline(Deadline):
    """A deadline that has passed.

    Args:
        timeout: seconds there were.
    """

    @property
    def seconds_left(self) -> float:
        """None."""
        return 0.0


def let_time_pass(sign_in: SignIn) -> None:
    """Let a sign-in's deadline be over, from now on.

    Args:
        sign_in: pending; its clock looks every second.
    """
    sign_in.deadline = PastDeadline(sign_in.deadline.timeout)
