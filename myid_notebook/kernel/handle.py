"""The handle of a sign-in: wait for it, and get its session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel.backends import AsyncBackend
from myid_notebook.kernel.prompts import prompt_for_address
from myid_notebook.kernel.waiting import block_until, interrupted
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

Deliver = Callable[[MyIDSession], None]
"""Called with a session as soon as it works; may run in the thread of its sign-in."""


class SignInHandle(NamedTuple):
    """What a call to sign in returns: a session, and the sign-in to wait for, if one is needed.

    Args:
        session: signed in already, or at the end of ``sign_in``.
        sign_in: pending; None if the session was signed in already.
        paste: whether to prompt for the address of the page after sign-in.
        joined: whether the caller is counted among those who wait for ``sign_in`` already.
        deliver: called with the session at the end.
    """

    session: MyIDSession
    sign_in: SignIn[MyIDSession] | None = None
    paste: bool = False
    joined: bool = False
    deliver: Deliver | None = None

    def finish(self) -> MyIDSession:
        """Wait for the end and return the session.

        Raises:
            SignInFailed: the sign-in ended without a token; or the user interrupted it, not in a
                cell.
            SignInInterrupted: the user interrupted the kernel, in a cell.
            NobodyToSignIn: the address is to be pasted, but only a cell can prompt.
        """
        sign_in, was_interrupted = self.sign_in, False
        if sign_in is None:
            return self.session
        self._join(sign_in)
        try:
            if self.paste:
                prompt_for_address(sign_in)
            else:
                block_until(sign_in.finished)
        except KeyboardInterrupt:
            was_interrupted = True
        finally:
            sign_in.leave()
        if was_interrupted:
            sign_in.cancel(cancelled())
            raise interrupted()
        return self._result(sign_in)

    async def finish_async(self) -> MyIDSession:
        """Wait for the end in the running event loop and return the session.

        Cancelling it ends the sign-in, unless another cell or task waits for that too.

        Raises:
            SignInFailed: the sign-in ended without a token.
        """
        sign_in, backend, was_cancelled = self.sign_in, AsyncBackend(), False
        if sign_in is None:
            return self.session
        self._join(sign_in)
        try:
            await backend.wait(sign_in.finished)
        except asyncio.CancelledError:
            was_cancelled = True
            raise
        finally:
            if sign_in.leave() and was_cancelled:
                await backend.cancel(sign_in, cancelled())
        return self._result(sign_in)

    def _join(self, sign_in: SignIn[MyIDSession]) -> None:
        if not self.joined:
            sign_in.join()

    def _result(self, sign_in: SignIn[MyIDSession]) -> MyIDSession:
        session = sign_in.result()
        if self.deliver is not None:
            self.deliver(session)
        return session
