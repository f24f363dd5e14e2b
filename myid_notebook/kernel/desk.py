"""Where a kernel's sign-ins are begun, looked up and ended."""

from __future__ import annotations

import atexit
import os

from myid_notebook.errors import SettingError, SignInInterrupted
from myid_notebook.kernel.attempt import Attempt
from myid_notebook.kernel.awaiting_caller import AwaitingCaller
from myid_notebook.kernel.beginning import Beginning
from myid_notebook.kernel.blocking_caller import BlockingCaller, completed
from myid_notebook.kernel.frameless import frameless, frameless_async
from myid_notebook.kernel.interruption import INTERRUPTED
from myid_notebook.kernel.kernel_state import KernelState
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.kernel.session_call import Deliver, SessionCall
from myid_notebook.login import Login
from myid_notebook.login.endings import logged_out, shut_down
from myid_notebook.session import MyIDSession

MAX_TIMEOUT = 24 * 3600.0
"""Seconds; longer waits are refused."""


class Desk:
    """Begins sign-ins and remembers what came of them; one in a kernel.

    Threads and tasks may ask at the same time: who asks for a session that another one is just
    signing in waits for that sign-in. Names do not wait for each other.
    """

    def __init__(self) -> None:
        self._state = KernelState()
        atexit.register(self.close)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._state.keep_what_a_fork_keeps)

    @property
    def sessions(self) -> dict[str, MyIDSession]:
        """The sessions by name, signed in or not."""
        return self._state.sessions.by_name

    @property
    def pending(self) -> dict[str, Login]:
        """The newest sign-in of each name; it may have ended."""
        return self._state.pending

    def begin(self, name: str, options: LoginOptions, deliver: Deliver) -> Attempt:
        """Begin a sign-in, unless the session of that name is still good.

        Args:
            name: the variable that holds, or will hold, the session.
            options: what the user asked for.
            deliver: told of the session as soon as it works; for a pending sign-in, in its thread.

        Raises:
            SettingError: a setting is missing or malformed.
            NobodyToSignIn: nobody could click the link, and nobody asked for a wait.
            SandboxUnavailable: the sandbox was asked for and does not start.
            DoorUnavailable: this kernel can open no port any more.
            SignInInterrupted: the user interrupted the kernel, or a prompt; nothing is left of it.
            SignInFailed: it can start no thread any more; or, for a client, there is no token.
        """
        call = SessionCall(name=name, options=options, deliver=deliver, caller=BlockingCaller())
        try:
            return frameless(lambda: completed(self._begin(call)))
        except SignInInterrupted:
            raise
        except KeyboardInterrupt:
            pass
        raise SignInInterrupted(INTERRUPTED)

    async def begin_async(self, name: str, options: LoginOptions, deliver: Deliver) -> Attempt:
        """Begin a sign-in as ``begin`` does, without holding up the running event loop.

        Only a prompt for the client secret does that: a kernel can ask in no other thread.

        Args:
            name: as for ``begin``.
            options: as for ``begin``.
            deliver: as for ``begin``.

        Raises:
            MyIDError: as ``begin`` does.
        """
        call = SessionCall(name=name, options=options, deliver=deliver, caller=AwaitingCaller())
        return await frameless_async(self._begin(call))

    def log_out(self, name: str) -> bool:
        """Forget the token of a session and end its pending sign-in.

        Args:
            name: the variable that holds it.

        Returns:
            Whether there was anything to forget.
        """
        login = self.pending.pop(name, None)
        if login is not None and not login.done:
            login.cancel(logged_out())
        session = self.sessions.get(name)  # only now: that sign-in may just have succeeded
        known = session is not None and (session.signed_in or session.operator is not None)
        if session is not None:
            session.sign_out()
        return known or login is not None

    def end_pending(self) -> None:
        """End every pending sign-in; the sessions stay."""
        for login in list(self.pending.values()):
            login.cancel(shut_down())
        self.pending.clear()

    def close(self) -> None:
        """End every pending sign-in, and the sandbox if this kernel started one."""
        self.end_pending()
        self._state.sandbox.stop()

    async def _begin(self, call: SessionCall) -> Attempt:
        _check_timeout(call.options.seconds)
        return await self._state.turns.take(
            call.name, call.caller, Beginning(self._state, call).run
        )


def _check_timeout(seconds: float) -> None:
    if not 0 < seconds <= MAX_TIMEOUT:
        raise SettingError(
            "timeout",
            f"The timeout is {seconds:g} seconds; it must be more than 0 and at most "
            f"{MAX_TIMEOUT:.0f}. Change it in %myid_login --timeout SECONDS.",
        )
