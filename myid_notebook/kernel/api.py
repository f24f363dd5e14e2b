"""Sign in from Python: ``login()`` and ``login_async()``."""

from __future__ import annotations

import atexit
import os
from typing import Any

from myid_notebook.errors import SettingError, SignInInterrupted
from myid_notebook.kernel.attempt import SignInHandle
from myid_notebook.kernel.backends import AsyncBackend, SyncBackend, completed
from myid_notebook.kernel.begin import BeginSignIn, Deliver, SessionCall
from myid_notebook.kernel.front_end import current_shell
from myid_notebook.kernel.options import LoginOptions, checked
from myid_notebook.kernel.registry import KernelState
from myid_notebook.kernel.waiting import INTERRUPTED
from myid_notebook.session.session import MyIDSession
from myid_notebook.sign_in.messages import logged_out, shut_down
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.tracebacks import strip_frames_of, strip_frames_of_async

MAX_TIMEOUT = 24 * 3600.0
"""Seconds; longer waits are refused."""


class SignIns:
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
    def pending(self) -> dict[str, SignIn]:
        """The newest sign-in of each name; it may have ended."""
        return self._state.pending

    def begin(self, name: str, options: LoginOptions, deliver: Deliver) -> SignInHandle:
        """Begin a sign-in, unless the session of that name is still good.

        Args:
            name: the variable that holds, or will hold, the session.
            options: what the user asked for.
            deliver: told of the session as soon as it works; for a pending sign-in, in its thread.

        Raises:
            SettingError: a setting is missing or malformed.
            NobodyToSignIn: nobody could click the link, and nobody asked for a wait.
            SandboxUnavailable: the sandbox was asked for and does not start.
            NoPortAvailable: this kernel can open no port any more.
            SignInInterrupted: the user interrupted the kernel, or a prompt; nothing is left of it.
            SignInFailed: it can start no thread any more; or, for a client, there is no token.
        """
        call = SessionCall(name=name, options=options, deliver=deliver, caller=SyncBackend())
        try:
            return strip_frames_of(lambda: completed(self._begin(call)))
        except SignInInterrupted:
            raise
        except KeyboardInterrupt:
            pass
        raise SignInInterrupted(INTERRUPTED)

    async def begin_async(self, name: str, options: LoginOptions, deliver: Deliver) -> SignInHandle:
        """Begin a sign-in as ``begin`` does, without holding up the running event loop.

        Only a prompt for the client secret does that: a kernel can ask in no other thread.

        Args:
            name: as for ``begin``.
            options: as for ``begin``.
            deliver: as for ``begin``.

        Raises:
            MyIDError: as ``begin`` does.
        """
        call = SessionCall(name=name, options=options, deliver=deliver, caller=AsyncBackend())
        return await strip_frames_of_async(self._begin(call))

    def log_out(self, name: str) -> bool:
        """Forget the token of a session and end its pending sign-in.

        Args:
            name: the variable that holds it.

        Returns:
            Whether there was anything to forget.
        """
        sign_in = self.pending.pop(name, None)
        if sign_in is not None and not sign_in.done:
            sign_in.cancel(logged_out())
        session = self.sessions.get(name)  # only now: that sign-in may just have succeeded
        known = session is not None and (session.signed_in or session.operator is not None)
        if session is not None:
            session.sign_out()
        return known or sign_in is not None

    def end_pending(self) -> None:
        """End every pending sign-in; the sessions stay."""
        for sign_in in list(self.pending.values()):
            sign_in.cancel(shut_down())
        self.pending.clear()

    def close(self) -> None:
        """End every pending sign-in, and the sandbox if this kernel started one."""
        self.end_pending()
        self._state.sandbox.stop()

    async def _begin(self, call: SessionCall) -> SignInHandle:
        _check_timeout(call.options.seconds)
        return await self._state.turns.take(
            call.name, call.caller, BeginSignIn(self._state, call).run
        )


def _check_timeout(seconds: float) -> None:
    if not 0 < seconds <= MAX_TIMEOUT:
        raise SettingError(
            "timeout",
            f"The timeout is {seconds:g} seconds; it must be more than 0 and at most "
            f"{MAX_TIMEOUT:.0f}. Use %myid_login --timeout SECONDS.",
        )


sign_ins = SignIns()
"""The sessions and pending sign-ins of this process."""


def login(name: str = "myid", **settings: Any) -> MyIDSession:  # noqa: ANN401 - checked against the names below
    """Sign in to MyID and return the authenticated session.

    Shows the sign-in link, waits until the user has signed in, and returns. While the session of
    that name is still valid, it is returned immediately; when it has expired, the same object is
    renewed.

    Args:
        name: identifies the session, if there are several.
        **settings: any of ``server``, ``client_id``, ``client_secret``, ``redirect_uri``,
            ``scope``, ``ca_bundle``, ``access_token``, ``authorize_url``, ``token_url``,
            ``api_url``, ``issuer``, ``client_authentication`` (text; see the README), and
            ``timeout`` (seconds, default 300), ``wait`` (True: wait even in non-interactive
            runs), ``paste``, ``force``, ``post``, ``sandbox``, ``client_credentials``
            (booleans, as the options of ``%myid_login``).

    Raises:
        SettingError: a setting is missing or malformed; raised before the link is shown.
        SignInFailed: the sign-in ended without a token.
        NobodyToSignIn: the notebook runs non-interactively, and neither ``wait`` nor ``timeout`` is
            given.
        SignInInterrupted: the user interrupted the wait.
        TypeError: an unexpected argument, or a setting that is not text.
    """
    options, mistake = checked(settings, _configuration())
    if mistake:
        raise TypeError(mistake)
    return strip_frames_of(lambda: sign_ins.begin(name, options, _nobody_else).finish())


async def login_async(name: str = "myid", **settings: Any) -> MyIDSession:  # noqa: ANN401 - the same
    """Sign in to MyID as ``login`` does, without blocking; cancelling the task ends the sign-in.

    Args:
        name: identifies the session, if there are several.
        **settings: as for ``login``.

    Raises:
        MyIDError: as ``login`` does.
        TypeError: as ``login`` does.
    """
    options, mistake = checked(settings, _configuration())
    if mistake:
        raise TypeError(mistake)
    return await strip_frames_of_async(_finished(name, options))


async def _finished(name: str, options: LoginOptions) -> MyIDSession:
    attempt = await sign_ins.begin_async(name, options, _nobody_else)
    return await attempt.finish_async()


def _nobody_else(_session: MyIDSession) -> None:
    """Whoever called gets the session; no variable does."""


def _configuration() -> dict[str, str | None]:
    magics = getattr(current_shell(), "magics_manager", None)
    found = magics.registry.get("MyIDMagics") if magics is not None else None
    return found.configuration() if found is not None else {}
