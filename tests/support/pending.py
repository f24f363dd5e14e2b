"""What a test does with a pending sign-in, as the person at the browser."""

from collections.abc import Callable

from support.browserless import finish_sign_in

from myid_notebook.sign_in.sign_in import SignIn

Begin = Callable[..., SignIn]
"""The type of the fixture ``begin``."""


def link(sign_in: SignIn) -> str:
    """Return the link of a pending sign-in.

    Args:
        sign_in: pending.
    """
    assert sign_in.request is not None
    return sign_in.request.url


def redirect(sign_in: SignIn) -> str:
    """Sign in at the sandbox as Jane Doe and return the address it redirects to.

    Args:
        sign_in: pending.
    """
    return finish_sign_in(link(sign_in))
