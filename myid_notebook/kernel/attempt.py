"""What a call to sign in has begun."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from myid_notebook.kernel.awaiting_caller import AwaitingCaller
from myid_notebook.kernel.interruption import interrupted
from myid_notebook.kernel.paste import ask_for_address
from myid_notebook.kernel.waiters import Waiters
from myid_notebook.kernel.waiting import block_until, end_of
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled
from myid_notebook.session import MyIDSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A session, and the sign-in that will fill it, if one is needed.

    Args:
        session: signed in already, or at the end of ``login``.
        login: pending; None where the session was signed in already.
        ask: whether to ask the user for the address of the page the browser ended on.
        waiters: of the sign-in.
        counted: whether whoever is to finish this attempt is one of them already.
        deliver: told of the session at the end.
    """

    session: MyIDSession
    login: Login | None = None
    ask: bool = False
    waiters: Waiters = field(default_factory=Waiters)
    counted: bool = False
    deliver: Callable[[MyIDSession], None] | None = None

    def finish(self) -> MyIDSession:
        """Wait for the end and return the session.

        Raises:
            SignInFailed: the sign-in ended without a token.
            SignInInterrupted: the user interrupted the kernel.
        """
        if self.login is None:
            return self.session
        stopped = False
        self._be_counted()
        try:
            if self.ask:
                ask_for_address(self.login)
            else:
                block_until(end_of(self.login))
        except KeyboardInterrupt:
            stopped = True
        finally:
            self.waiters.leave()
        if stopped:
            raise interrupted(self.login)
        return self._outcome(self.login)

    async def finish_async(self) -> MyIDSession:
        """Wait for the end in the running event loop and return the session.

        Cancelling it ends the sign-in, unless somebody else waits for that too.

        Raises:
            SignInFailed: the sign-in ended without a token.
        """
        login, caller = self.login, AwaitingCaller()
        if login is None:
            return self.session
        last = False
        self._be_counted()
        try:
            await caller.until(end_of(login))
        except asyncio.CancelledError:
            last = True
            raise
        finally:
            if self.waiters.leave() and last:
                await caller.end(login, cancelled())
        return self._outcome(login)

    def _be_counted(self) -> None:
        if not self.counted:
            self.waiters.join()

    def _outcome(self, login: Login) -> MyIDSession:
        session = login.result()
        if self.deliver is not None:
            self.deliver(session)
        return session
