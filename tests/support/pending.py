"""What a test does with a pending sign-in, as the person at the browser."""

from collections.abc import Callable

from support.browserless import sign_in

from myid_notebook.login import Login

Begin = Callable[..., Login]
"""The type of the fixture ``begin``."""


def link(login: Login) -> str:
    """Return the link of a pending sign-in.

    Args:
        login: pending.
    """
    assert login.request is not None
    return login.request.url


def redirect(login: Login) -> str:
    """Sign in at the sandbox as Jane Doe and return the address it redirects to.

    Args:
        login: pending.
    """
    return sign_in(link(login))
