"""The beginning of a call for a session: from what was asked for to what is waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from myid_notebook.errors import NobodyToSignIn, TokenRefused
from myid_notebook.kernel.attempt import Attempt
from myid_notebook.kernel.client_secret import ask_for_secret
from myid_notebook.kernel.front_end import current_shell, has_a_person
from myid_notebook.kernel.held_sessions import new_session
from myid_notebook.kernel.kernel_state import KernelState
from myid_notebook.kernel.person_sign_in import PersonSignIn
from myid_notebook.kernel.session_call import SessionCall
from myid_notebook.kernel.session_kind import SessionKind
from myid_notebook.kernel.view import announce
from myid_notebook.login.client_credentials import sign_in_as_client
from myid_notebook.login.endings import superseded
from myid_notebook.login.given_token import sign_in_with_given_token
from myid_notebook.redirects.default_uri import default_redirect_uri
from myid_notebook.secret import Secret
from myid_notebook.session import MyIDSession
from myid_notebook.settings import Settings, resolve
from myid_notebook.settings.keyring_secret import keyring_secret
from myid_notebook.settings.resolution import NOT_SET, checked_secret

SignIn = Callable[[MyIDSession, Settings], None]


class Beginning:
    """Finds out what a call needs: nothing, a sign-in that is pending already, or a new one.

    Args:
        state: of the kernel; nobody else begins a sign-in of that name meanwhile.
        call: what was asked for.
    """

    def __init__(self, state: KernelState, call: SessionCall) -> None:
        self._state = state
        self._call = call
        self._options = call.options

    async def run(self) -> Attempt:
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
        session.trust(settings.ca_bundle)
        return session

    def _already(self, session: MyIDSession) -> Attempt:
        self._call.deliver(session)
        announce(session)
        return Attempt(session=session)

    async def _directly(self, settings: Settings, kind: SessionKind, sign_in: SignIn) -> Attempt:
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

    async def _as_client(self, settings: Settings) -> Attempt:
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

    def _joined(self, settings: Settings) -> Attempt | None:
        options, login = self._options, self._state.pending.get(self._call.name)
        if options.force or login is None or login.done:
            return None
        waiters = self._state.waiters[self._call.name]
        if login.session.api_url != settings.api_url or not (options.paste or waiters.any):
            return None
        if options.waits:
            waiters.join()
        else:
            self._call.deliver(login.session)
        return Attempt(
            session=login.session,
            login=login,
            ask=options.paste,
            waiters=waiters,
            counted=options.waits,
            deliver=self._call.deliver,
        )

    async def _as_person(self, settings: Settings) -> Attempt:
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
    "This notebook runs without a person who could click a link (nbclient, papermill, a scheduled "
    "job). Put a token into the environment variable MYID_ACCESS_TOKEN, or, if somebody does "
    "watch, run %myid_login --wait."
)
