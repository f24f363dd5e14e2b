"""A sign-in that waits, what the person at the browser does about it, and how it must end."""

from collections.abc import Callable

from support.browser.callback_page import CallbackPage, open_page
from support.browser.login_pages import finish_sign_in

from myid_notebook.errors import SignInFailed
from myid_notebook.sign_in.deadline import Deadline
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


class PastDeadline(Deadline):
    """A deadline that has passed."""

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


def expect_failure(sign_in: SignIn, page: CallbackPage | None, words: str) -> SignInFailed:
    """Expect one line in the notebook, which says what to do, and the same on the page.

    Args:
        sign_in: that was to fail.
        page: the browser ended on; None where no browser came.
    """
    assert sign_in.wait(20)
    assert isinstance(sign_in.error, SignInFailed)
    said = str(sign_in.error)
    assert words in said
    assert 1 == len(said.splitlines())
    assert "ign in again" in said
    if page is not None:
        assert ("Not signed in", True) == (page.title, words in page.text)
    return sign_in.error


def expect_next(
    begin: Begin,
    failed: SignIn | None = None,
    *,
    verify: str | bool = True,
    **options: object,
) -> None:
    """Begin again, sign in and make a request, without the fault.

    Args:
        failed: whose session it is to be; None for one of its own.
        verify: the CA bundle that the browser trusts.
        options: of the new sign-in.
    """
    again = begin(failed.session if failed else None, **options)
    assert "Signed in to MyID" == open_page(finish_sign_in(link(again), verify=verify)).title
    assert again.wait(20)
    assert again.result().get("people", params={"q": "jo"}).ok
