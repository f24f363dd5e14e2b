"""What a call to sign in has begun."""

from __future__ import annotations

from dataclasses import dataclass, field

from myid_notebook.kernel.paste import ask_for_address
from myid_notebook.kernel.paste_request import PasteRequest
from myid_notebook.kernel.waiting import wait_async, wait_in_cell
from myid_notebook.login import Login
from myid_notebook.session import MyIDSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A session, and the sign-in that will fill it, if one is needed.

    Args:
        session: signed in already, or at the end of ``login``.
        login: pending; None where the session was signed in already.
        paste: the wish to paste an address, which may come while waiting.
    """

    session: MyIDSession
    login: Login | None = None
    paste: PasteRequest = field(default_factory=PasteRequest)

    def finish(self) -> MyIDSession:
        """Wait for the end and return the session.

        Raises:
            SignInFailed: the sign-in ended without a token.
            SignInInterrupted: the user interrupted the kernel.
        """
        if self.login is None:
            return self.session
        if not self.paste.wanted:
            wait_in_cell(self.login, self.paste)
        if not self.login.done:
            ask_for_address(self.login)
        return self.login.result()

    async def finish_async(self) -> MyIDSession:
        """Wait for the end in the running event loop and return the session.

        Raises:
            SignInFailed: the sign-in ended without a token.
        """
        if self.login is None:
            return self.session
        await wait_async(self.login)
        return self.login.result()
