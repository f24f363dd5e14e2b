"""What a call to sign in has begun."""

from __future__ import annotations

from dataclasses import dataclass

from myid_notebook.kernel.paste import ask_for_address
from myid_notebook.kernel.waiting import wait_async, wait_in_cell
from myid_notebook.login import Login
from myid_notebook.session import MyIDSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A session, and the sign-in that will fill it, if one is needed.

    Args:
        session: signed in already, or at the end of ``login``.
        login: pending; None where the session was signed in already.
        ask: whether to ask the user for the address of the page the browser ended on.
    """

    session: MyIDSession
    login: Login | None = None
    ask: bool = False

    def finish(self) -> MyIDSession:
        """Wait for the end and return the session.

        Raises:
            SignInFailed: the sign-in ended without a token.
            SignInInterrupted: the user interrupted the kernel.
        """
        if self.login is None:
            return self.session
        if self.ask:
            ask_for_address(self.login)
        else:
            wait_in_cell(self.login)
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
