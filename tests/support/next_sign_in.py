"""Whatever became of a sign-in, the next one works at once."""

from support.browserless import finish_sign_in
from support.callback_page import CallbackPage, open_page
from support.pending import Begin, link

from myid_notebook.errors import SignInFailed
from myid_notebook.sign_in.sign_in import SignIn


def expect_failure(sign_in: SignIn, page: CallbackPage | None, words: str) -> SignInFailed:
    """Expect one line in the notebook, which says what to do, and the same on the page.

    Args:
        sign_in: that was to fail.
        page: the browser ended on; None where no browser came.
        words: of the line.
    """
    assert sign_in.wait(20)
    assert isinstance(sign_in.error, SignInFailed)
    said = str(sign_in.error)
    assert words in said
    assert 1 == len(said.splitlines())
    assert "%myid_login" in said
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
        begin: the fixture.
        failed: whose session it is to be; None for one of its own.
        verify: the CA bundle that the browser trusts.
        options: of the new sign-in.
    """
    again = begin(failed.session if failed else None, **options)
    assert "Signed in to MyID" == open_page(finish_sign_in(link(again), verify=verify)).title
    assert again.wait(20)
    assert again.result().get("people", params={"q": "jo*"}).ok
