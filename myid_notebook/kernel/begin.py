"""Begin a sign-in: find a valid session, join a pending sign-in, or start a new one."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from myid_notebook.callback.default_uri import default_redirect_uri
from myid_notebook.callback.route import RouteKind, choose_route
from myid_notebook.errors import NobodyToSignIn, TokenRefused
from myid_notebook.kernel.attempt import SignInHandle
from myid_notebook.kernel.backends import Backend
from myid_notebook.kernel.front_end import can_open_browser, current_shell, has_a_person
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.kernel.prompts import ask_for_secret
from myid_notebook.kernel.registry import KernelState, SessionKind, Waiters, new_session
from myid_notebook.kernel.view import View, announce
from myid_notebook.kernel.waiting import deferred_interrupts
from myid_notebook.secret import Secret
from myid_notebook.session.session import MyIDSession
from myid_notebook.settings.resolve import (
    NOT_SET,
    Settings,
    checked_secret,
    keyring_secret,
    resolve,
)
from myid_notebook.sign_in.messages import cancelled, superseded
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.sign_in.without_browser import sign_in_as_client, sign_in_with_given_token

Deliver = Callable[[MyIDSession], None]
"""Told of a session as soon as it works; may be called in the thread of its sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCall:
    """Who asks for which session, and how.

    Args:
        name: the variable that holds, or will hold, the session.
        options: what the user asked for.
        deliver: told of the session.
        caller: does what takes its time.
    """

    name: str
    options: LoginOptions
    deliver: Deliver
    caller: Backend


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
        self._sign_in: SignIn | None = None

    async def begin(self) -> SignInHandle:
        """Show the link, and return what is to be waited for.

        Raises:
            SandboxUnavailable: the sandbox does not answer.
            NoPortAvailable: this kernel can open no port any more.
        """
        try:
            return await self._begin()
        except BaseException as error:  # noqa: BLE001 - an interrupt too; it goes on below
            failure = error
        sign_in = self._sign_in
        if sign_in is not None:
            await self._call.caller.end(sign_in, cancelled())
        raise failure

    async def _begin(self) -> SignInHandle:
        options, caller = self._call.options, self._call.caller
        advice = await caller.away(self._state.sandbox.advice) if options.sandbox else ""
        older = self._state.pending.pop(self._call.name, None)
        if older is not None:
            await caller.end(older, superseded())
        waiters = self._state.waiters[self._call.name] = Waiters()
        if options.waits:
            waiters.join()
        sign_in = await caller.away(self._open, lambda sign_in: sign_in.cancel_soon(cancelled()))
        # Only now: of a task that was cancelled meanwhile, another one has the turn.
        self._state.pending[self._call.name] = sign_in
        if not options.waits:
            self._state.sessions.deliver(self._call.name, sign_in.session, None)
            self._call.deliver(sign_in.session)
        self._view.show(sign_in, advice)
        if not sign_in.done and can_open_browser(current_shell()):
            await caller.away(lambda: _open_browser(sign_in))
        ask = sign_in.route.kind is RouteKind.PASTE and has_a_person(current_shell())
        return SignInHandle(
            session=sign_in.session,
            sign_in=sign_in,
            ask=ask,
            waiters=waiters,
            counted=options.waits,
        )

    def _open(self) -> SignIn:
        with self._state.opening:
            return self._started()

    def _started(self) -> SignIn:
        settings, options = self._settings, self._call.options
        route = choose_route(settings.redirect_uri, os.environ, paste=options.paste)
        try:
            sign_in = SignIn(
                settings,
                route,
                self._state.sessions.to_renew(self._call.name, settings),
                timeout=options.seconds,
                deliver=self._succeeded,
                observe=self._observe,
            )
        except BaseException:
            route.close()
            raise
        self._sign_in = sign_in
        deferred_interrupts(sign_in.start)  # half started, it could not be ended
        return sign_in

    def _succeeded(self, sign_in: SignIn) -> None:
        if self._typed is not None:
            self._state.typed.keep(self._settings, self._typed)
        self._state.sessions.deliver(self._call.name, sign_in.session, SessionKind.PERSON)
        self._call.deliver(sign_in.session)

    def _observe(self, sign_in: SignIn) -> None:
        self._state.typed.forget_refused(self._settings, sign_in.error)
        self._view.observe(sign_in)


def _open_browser(sign_in: SignIn) -> None:
    # Not the link itself: every user of a machine can read the command line of a browser.
    with suppress(webbrowser.Error, OSError):  # none that runs; the link is shown all the same
        webbrowser.open(sign_in.start_url)


DirectSignIn = Callable[[MyIDSession, Settings], None]


class BeginSignIn:
    """Finds out what a call needs: nothing, a sign-in that is pending already, or a new one.

    Args:
        state: of the kernel; nobody else begins a sign-in of that name meanwhile.
        call: what was asked for.
    """

    def __init__(self, state: KernelState, call: SessionCall) -> None:
        self._state = state
        self._call = call
        self._options = call.options

    async def run(self) -> SignInHandle:
        """Begin, and return what is to be waited for."""
        settings = await self._call.caller.away(self._settings)
        if settings.access_token is not None:
            return await self._directly(settings, SessionKind.TOKEN, sign_in_with_given_token)
        good = self._good(settings)
        if good is not None:
            return self._already(good)
        if self._options.client_credentials:
            return await self._as_client(settings)
        return self._joined(settings) or await self._as_person(settings)

    def _settings(self) -> Settings:
        options = self._options
        if not options.sandbox:
            return resolve(options.settings, os.environ, options.configuration, _none_yet)
        uri = options.settings.get("redirect_uri") or os.environ.get("MYID_REDIRECT_URI")
        # Nothing that is set for a real MyID, a token above all, may go to the sandbox.
        ours = self._state.sandbox.settings(uri or default_redirect_uri(os.environ))
        return resolve(ours, {}, {}, _none_yet)

    def _good(self, settings: Settings) -> MyIDSession | None:
        kind = SessionKind.CLIENT if self._options.client_credentials else SessionKind.PERSON
        session = self._state.sessions.good(self._call.name, settings.api_url, kind)
        if session is None or self._options.force:
            return None
        session.set_ca_bundle(settings.ca_bundle)
        return session

    def _already(self, session: MyIDSession) -> SignInHandle:
        self._call.deliver(session)
        announce(session)
        return SignInHandle(session=session)

    async def _directly(
        self, settings: Settings, kind: SessionKind, sign_in: DirectSignIn
    ) -> SignInHandle:
        # In a session of its own first: what fails, or is given up, changes nothing.
        fresh = new_session(self._call.name, settings)
        await self._call.caller.away(lambda: sign_in(fresh, settings))
        session = self._state.sessions.to_renew(self._call.name, settings)
        if fresh.bearer.token is not None:
            session.sign_in(fresh.bearer.token)
            session.operator = fresh.operator
        self._state.sessions.deliver(self._call.name, session, kind)
        pending = self._state.pending.pop(self._call.name, None)
        if pending is not None:
            await self._call.caller.end(pending, superseded())
        return self._already(session)

    async def _as_client(self, settings: Settings) -> SignInHandle:
        settings, typed = await self._with_secret(settings)
        seconds = self._options.seconds
        try:
            attempt = await self._directly(
                settings,
                SessionKind.CLIENT,
                lambda session, settings: sign_in_as_client(session, settings, seconds),
            )
        except TokenRefused as error:
            self._state.typed.forget_refused(settings, error)
            raise
        if typed is not None:
            self._state.typed.keep(settings, typed)
        return attempt

    def _joined(self, settings: Settings) -> SignInHandle | None:
        options, sign_in = self._options, self._state.pending.get(self._call.name)
        if options.force or sign_in is None or sign_in.done:
            return None
        waiters = self._state.waiters[self._call.name]
        if sign_in.session.api_url != settings.api_url or not (options.paste or waiters.any):
            return None
        if options.waits:
            waiters.join()
        else:
            self._call.deliver(sign_in.session)
        return SignInHandle(
            session=sign_in.session,
            sign_in=sign_in,
            ask=options.paste,
            waiters=waiters,
            counted=options.waits,
            deliver=self._call.deliver,
        )

    async def _as_person(self, settings: Settings) -> SignInHandle:
        options = self._options
        if not options.told_to_wait and options.waits and not has_a_person(current_shell()):
            raise NobodyToSignIn(_NOBODY)
        settings, typed = await self._with_secret(settings)
        return await PersonSignIn(self._state, self._call, settings, typed).begin()

    async def _with_secret(self, settings: Settings) -> tuple[Settings, Secret | None]:
        given = settings.sources["client_secret"] != NOT_SET
        if given or settings.client_authentication == "none":
            return settings, None
        client_id = settings.client_id
        secret: str | None = self._state.typed.find(settings)
        if secret is None:
            secret = await self._call.caller.away(lambda: keyring_secret(client_id))
        typed = ask_for_secret(client_id) if secret is None else None
        found = checked_secret(typed if secret is None else secret)
        used = None if typed is None else found or Secret()
        return replace(settings, client_secret=found), used


def _none_yet(_client_id: str) -> str:
    # It is asked for last, and only where a sign-in needs it.
    return ""


_NOBODY = (
    "This notebook runs non-interactively (nbclient, papermill, a scheduled job), so nobody can "
    "click a sign-in link. Set MYID_ACCESS_TOKEN to an access token, or, if somebody is watching, "
    "run %myid_login --wait."
)
