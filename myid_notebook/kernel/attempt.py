"""What a call to sign in has begun."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from myid_notebook.kernel.backends import AsyncBackend
from myid_notebook.kernel.prompts import ask_for_address
from myid_notebook.kernel.registry import Waiters
from myid_notebook.kernel.waiting import block_until, end_of, interrupted
from myid_notebook.session.session import MyIDSession
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInHandle:
    """A session, and the sign-in that will fill it, if one is needed.

    Args:
        session: signed in already, or at the end of ``sign_in``.
        sign_in: pending; None where the session was signed in already.
        ask: whether to ask the user for the address of the page the browser ended on.
        waiters: of the sign-in.
        counted: whether whoever is to finish this attempt is one of them already.
        deliver: told of the session at the end.
    """

    session: MyIDSession
    sign_in: SignIn | None = None
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
        if self.sign_in is None:
            return self.session
        stopped = False
        self._be_counted()
        try:
            if self.ask:
                ask_for_address(self.sign_in)
            else:
                block_until(end_of(self.sign_in))
        except KeyboardInterrupt:
            stopped = True
        finally:
            self.waiters.leave()
        if stopped:
            raise interrupted(self.sign_in)
        return self._outcome(self.sign_in)

    async def finish_async(self) -> MyIDSession:
        """Wait for the end in the running event loop and return the session.

        Cancelling it ends the sign-in, unless somebody else waits for that too.

        Raises:
            SignInFailed: the sign-in ended without a token.
        """
        sign_in, caller = self.sign_in, AsyncBackend()
        if sign_in is None:
            return self.session
        last = False
        self._be_counted()
        try:
            await caller.until(end_of(sign_in))
        except asyncio.CancelledError:
            last = True
            raise
        finally:
            if self.waiters.leave() and last:
                await caller.end(sign_in, cancelled())
        return self._outcome(sign_in)

    def _be_counted(self) -> None:
        if not self.counted:
            self.waiters.join()

    def _outcome(self, sign_in: SignIn) -> MyIDSession:
        session = sign_in.result()
        if self.deliver is not None:
            self.deliver(session)
        return session
