"""A person's sign-in, from the door to the link that is shown."""

from __future__ import annotations

import os
import webbrowser
from contextlib import suppress

from myid_notebook.kernel.attempt import Attempt
from myid_notebook.kernel.front_end import can_open_browser, current_shell, has_a_person
from myid_notebook.kernel.interrupts import uninterrupted
from myid_notebook.kernel.kernel_state import KernelState
from myid_notebook.kernel.session_call import SessionCall
from myid_notebook.kernel.session_kind import SessionKind
from myid_notebook.kernel.view import View
from myid_notebook.kernel.waiters import Waiters
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled, superseded
from myid_notebook.redirects.choice import open_door
from myid_notebook.redirects.door import DoorKind
from myid_notebook.secret import Secret
from myid_notebook.settings import Settings


class PersonSignIn:
    """Begins one, and leaves nothing of it when that fails.

    Args:
        state: of the kernel.
        call: what was asked for.
        settings: checked.
        typed: the client secret that the user typed for it; None where it came from elsewhere.
    """

    def __init__(
        self, state: KernelState, call: SessionCall, settings: Settings, typed: Secret | None
    ) -> None:
        self._state = state
        self._call = call
        self._settings = settings
        self._typed = typed
        self._view = View(call.options)
        self._login: Login | None = None

    async def begin(self) -> Attempt:
        """Show the link, and return what is to be waited for.

        Raises:
            SandboxUnavailable: the sandbox does not answer.
            DoorUnavailable: this kernel can open no port any more.
        """
        try:
            return await self._begin()
        except BaseException as error:  # noqa: BLE001 - an interrupt too; it goes on below
            failure = error
        login = self._login
        if login is not None:
            await self._call.caller.end(login, cancelled())
        raise failure

    async def _begin(self) -> Attempt:
        options, caller = self._call.options, self._call.caller
        advice = await caller.away(self._state.sandbox.advice) if options.sandbox else ""
        older = self._state.pending.pop(self._call.name, None)
        if older is not None:
            await caller.end(older, superseded())
        waiters = self._state.waiters[self._call.name] = Waiters()
        if options.waits:
            waiters.join()
        login = await caller.away(self._open, lambda login: login.give_up(cancelled()))
        # Only now: of a task that was cancelled meanwhile, another one has the turn.
        self._state.pending[self._call.name] = login
        if not options.waits:
            self._state.sessions.deliver(self._call.name, login.session, None)
            self._call.deliver(login.session)
        self._view.show(login, advice)
        if not login.done and can_open_browser(current_shell()):
            await caller.away(lambda: _open_browser(login))
        ask = login.door.kind is DoorKind.PASTE and has_a_person(current_shell())
        return Attempt(
            session=login.session, login=login, ask=ask, waiters=waiters, counted=options.waits
        )

    def _open(self) -> Login:
        with self._state.opening:
            return self._started()

    def _started(self) -> Login:
        settings, options = self._settings, self._call.options
        door = open_door(settings.redirect_uri, os.environ, paste=options.paste)
        try:
            login = Login(
                settings,
                door,
                self._state.sessions.to_renew(self._call.name, settings),
                timeout=options.seconds,
                deliver=self._succeeded,
                observe=self._observe,
            )
        except BaseException:
            door.close()
            raise
        self._login = login
        uninterrupted(login.start)  # half started, it could not be ended
        return login

    def _succeeded(self, login: Login) -> None:
        if self._typed is not None:
            self._state.typed.keep(self._settings, self._typed)
        self._state.sessions.deliver(self._call.name, login.session, SessionKind.PERSON)
        self._call.deliver(login.session)

    def _observe(self, login: Login) -> None:
        self._state.typed.forget_refused(self._settings, login.error)
        self._view.observe(login)


def _open_browser(login: Login) -> None:
    # Not the link itself: every user of a machine can read the command line of a browser.
    with suppress(webbrowser.Error, OSError):  # none that runs; the link is shown all the same
        webbrowser.open(login.start_url)
