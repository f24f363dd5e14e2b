"""Sign a person in: show the link, wait for the end, and drop what the sign-in needed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from myid_notebook.callback.route import RouteKind, choose_route
from myid_notebook.errors import SignInFailed
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import current_shell
from myid_notebook.kernel.audience import can_open_browser, has_a_person
from myid_notebook.kernel.checks import start_checks
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.kernel.prompts import prompt_for_address
from myid_notebook.kernel.registry import Pending, Registry, SessionKind
from myid_notebook.kernel.view import View
from myid_notebook.kernel.waiting import AsyncBackend, block_until, interrupted
from myid_notebook.secret import Secret
from myid_notebook.session import words
from myid_notebook.session.renewal import StoredGrant
from myid_notebook.settings.resolve import Settings
from myid_notebook.sign_in.messages import Stage, cancelled
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import deferred_interrupts, run_in_thread
from myid_notebook.token_store.client import Asking

PutIntoVariable = Callable[[MyIDSession], None]
"""Called with a session as soon as it works; may run in the thread of its sign-in."""

_CONSOLE_BROWSERS = {"www-browser", "w3m", "lynx", "links", "links2", "elinks"}
"""They take the terminal, where the sign-in is waited for and can be interrupted."""


class Handle(NamedTuple):
    """What a call to sign in returns: a session, and the sign-in to wait for, if one is needed.

    Args:
        session: signed in already, or at the end of the sign-in.
        pending: None if the session was signed in already.
        paste: whether to prompt for the address of the page after sign-in.
        joined: whether the caller is counted among those who wait already.
        put_into_variable: called with the session at the end.
    """

    session: MyIDSession
    pending: Pending | None = None
    paste: bool = False
    joined: bool = False
    put_into_variable: PutIntoVariable | None = None

    def finish(self) -> MyIDSession:
        """Wait for the end and return the session.

        Raises:
            SignInFailed: the sign-in ended without a token; or the user interrupted it, not in a
                cell.
            SignInInterrupted: the user interrupted the kernel, in a cell.
            NobodyToSignIn: the address is to be pasted, but only a cell can prompt.
        """
        pending, was_interrupted = self.pending, False
        if pending is None:
            return self.session
        self._join(pending)
        try:
            if self.paste:
                prompt_for_address(pending.sign_in)
            else:
                block_until(pending.sign_in.finished)
        except KeyboardInterrupt:
            was_interrupted = True
        finally:
            pending.leave()
        if was_interrupted:
            pending.sign_in.cancel(cancelled())
            if pending.sign_in.error is not None:  # else only the operator's name was missing
                raise interrupted()
        return self._result(pending)

    async def finish_async(self) -> MyIDSession:
        """Wait for the end in the running event loop and return the session.

        Cancelling it ends the sign-in, unless another cell or task waits for that too.

        Raises:
            SignInFailed: the sign-in ended without a token.
        """
        pending, backend, was_cancelled = self.pending, AsyncBackend(), False
        if pending is None:
            return self.session
        self._join(pending)
        try:
            await backend.wait(pending.sign_in.finished)
        except asyncio.CancelledError:
            was_cancelled = True
            raise
        finally:
            if pending.leave() and was_cancelled:
                await backend.cancel(pending.sign_in, cancelled())
        return self._result(pending)

    def _join(self, pending: Pending) -> None:
        if not self.joined:
            pending.join()

    def _result(self, pending: Pending) -> MyIDSession:
        pending.sign_in.result()
        if self.put_into_variable is not None:
            self.put_into_variable(self.session)
        return self.session


class PersonSignIn:
    """The sign-in of a person, from the choice of the route to its end.

    Args:
        registry: of the kernel; the lock of the name is held until the link is shown.
        name: of the session.
        settings: with the client secret, which is dropped at the end.
        typed: whether the client secret was typed for this sign-in.
        session: gets the token.
        put_into_variable: called with the session once it works; at once if nobody waits.
        asking: keeps other notebooks from asking the same person; closed at the end.

    Attributes:
        pending: None before the start.
    """

    def __init__(
        self,
        registry: Registry,
        name: str,
        options: LoginOptions,
        settings: Settings,
        *,
        typed: bool,
        session: MyIDSession,
        put_into_variable: PutIntoVariable,
        asking: Asking | None,
    ) -> None:
        self.pending: Pending | None = None
        self._registry = registry
        self._record = registry.record(name)
        self._name = name
        self._options = options
        self._settings = settings
        self._typed = typed
        self._session = session
        self._put_into_variable = put_into_variable
        self._asking = asking
        stored = session.bearer.stored
        self._replaces = None if stored is None else stored.chain
        self._view = View(options, session, self._still_valid)

    def start(self) -> Pending:
        """Receive redirects from now on.

        Raises:
            MyIDError: as ``login`` does.
        """
        with self._registry.choosing_route:
            settings, options, session = self._settings, self._options, self._session
            route = choose_route(settings.redirect_uri, os.environ, paste=options.paste)
            try:
                sign_in = SignIn(
                    settings,
                    route,
                    session,
                    timeout=options.seconds,
                    on_token=self._on_token,
                    on_change=self._on_change,
                )
            except BaseException:
                route.close()
                raise
            self.pending = Pending(sign_in, session, settings)
            if options.waits:
                self.pending.join()
            deferred_interrupts(sign_in.start)  # half started, it could not be ended
            return self.pending

    def show(self, pending: Pending, advice: str) -> Handle:
        """Show the link, and begin what it need not wait for.

        Args:
            pending: from ``start``.
            advice: to show above the link; may be empty.
        """
        settings, sign_in, waits = self._settings, pending.sign_in, self._options.waits
        # Only now: if the task that started it was cancelled meanwhile, another holds the lock.
        self._record.pending = pending
        if sign_in.stage is Stage.ENDED:  # before anybody could have removed it
            self._record.pending = None
        if not waits:
            self._record.hold(self._session, None, settings)
            self._put_into_variable(self._session)
        # Who sees the link may interrupt before its widget is made; Python loses an interrupt that
        # comes while it finalizes an object.
        deferred_interrupts(lambda: self._view.show(sign_in, advice))
        sign_in.prepare()  # only now, like the checks: nothing may delay the link
        if settings.checks:
            start_checks(settings, self._registry, sign_in)
        if not sign_in.finished.done() and can_open_browser(current_shell()):
            with suppress(SignInFailed):  # no thread; the link is shown all the same
                # Nobody waits for it: a browser may hold its caller until it is closed.
                run_in_thread(lambda: _open_browser(sign_in), name="myid-browser")
        paste = sign_in.route.kind is RouteKind.PASTE and has_a_person(current_shell())
        return Handle(session=self._session, pending=pending, paste=paste, joined=waits)

    def _on_token(self) -> None:
        settings, session = self._settings, self._session
        self._registry.note_working_client(settings, typed=self._typed)
        session.bearer.command = self._options.command(self._name)
        self._record.hold(session, SessionKind.PERSON, settings)
        self._put_into_variable(session)

    def _on_change(self, sign_in: SignIn) -> None:
        if sign_in.stage is Stage.ENDED:
            self._end(sign_in)
            self._view.end(sign_in)
        elif sign_in.pending:
            self._view.update(sign_in)

    def _end(self, sign_in: SignIn) -> None:
        if sign_in.error is None:
            self._keep_shared()
        if self._asking is not None:
            self._asking.close()
        self._registry.forget_refused_secret(self._settings, sign_in.error)
        # What puts the session into its variable knows the settings of the call.
        self._settings, self._put_into_variable = self._settings.without_secrets, _into_none
        if self._record.pending is self.pending:
            self._record.pending = None

    def _keep_shared(self) -> None:
        session, settings, store = self._session, self._settings, self._registry.store
        bearer, operator = session.bearer, session.operator
        token = bearer.token
        if store is None or settings.share == "off" or token is None or operator is None:
            return

        def keep(refresh_token: Secret | None) -> StoredGrant | None:
            given = replace(token, refresh_token=refresh_token)
            chain = store.keep(self._name, settings, given, operator.name, replaces=self._replaces)
            bearer.stored = None if chain is None else StoredGrant(store, chain)
            return bearer.stored

        if bearer.renewal is None:
            keep(None)
        else:
            bearer.renewal.hand_over(keep)

    def _still_valid(self) -> str:
        session = self._record.session
        if session is None or not session.signed_in:
            return ""
        return words.still_line(self._name, session)


def _into_none(_session: MyIDSession) -> None:
    """Put the session of a sign-in that has ended into no variable."""


def _open_browser(sign_in: SignIn) -> None:
    # Not the link itself: every user of a machine can read the command line of a browser. Nor a
    # file with the link, as Jupyter does it: a sandboxed browser cannot read it.
    import webbrowser  # noqa: PLC0415 - only where a browser can be opened

    with suppress(webbrowser.Error, OSError):  # no browser runs; the link is shown all the same
        # Not ``webbrowser.open``: when a browser fails, it tries the next one, in the terminal too.
        browser = webbrowser.get()
        if Path(getattr(browser, "name", "")).name not in _CONSOLE_BROWSERS:
            browser.open(sign_in.receiver.start_url)
