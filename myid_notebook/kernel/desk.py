"""The sessions and pending sign-ins of this kernel, by name."""

from __future__ import annotations

import atexit
import os
import threading
import webbrowser
from collections.abc import Callable

from myid_notebook.errors import MyIDError, NobodyToSignIn, SettingError
from myid_notebook.kernel.attempt import Attempt
from myid_notebook.kernel.client_secret import find_client_secret
from myid_notebook.kernel.front_end import can_open_browser, current_shell, has_a_person
from myid_notebook.kernel.interruption import interrupted
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.kernel.sandbox_process import SandboxProcess
from myid_notebook.kernel.view import View, announce
from myid_notebook.login import Login
from myid_notebook.login.client_credentials import sign_in_as_client
from myid_notebook.login.endings import logged_out, shut_down, superseded
from myid_notebook.login.given_token import sign_in_with_given_token
from myid_notebook.login.observer import Observer
from myid_notebook.redirects.choice import open_door
from myid_notebook.redirects.default_uri import default_redirect_uri
from myid_notebook.redirects.door import DoorKind
from myid_notebook.secret import Secret
from myid_notebook.session import MyIDSession
from myid_notebook.settings import Settings, resolve

MAX_TIMEOUT = 24 * 3600.0
"""Seconds; longer waits are refused."""

Deliver = Callable[[MyIDSession], None]
FindSecret = Callable[[str], str | None]


class Desk:
    """Begins sign-ins and remembers what came of them; one in a kernel.

    Threads may ask at the same time: who asks for a session that another thread is just signing
    in waits for that sign-in.
    """

    def __init__(self) -> None:
        self.sessions: dict[str, MyIDSession] = {}
        self.pending: dict[str, Login] = {}
        self._sandbox = SandboxProcess()
        self._typed: dict[str, Secret] = {}
        self._beginning = threading.RLock()
        self._waiting: dict[str, int] = {}
        atexit.register(self.close)

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
            SignInFailed: it can start no thread any more; or, for a client, there is no token.
        """
        _check_timeout(options.seconds)
        with self._beginning:
            return self._begin(name, options, deliver)

    def _begin(self, name: str, options: LoginOptions, deliver: Deliver) -> Attempt:
        settings = self._settings(options, lambda _: "")
        session = self._session(name, settings)
        if session.signed_in and not options.force and settings.access_token is None:
            return self._already(session, deliver)
        if settings.access_token is not None:
            sign_in_with_given_token(session, settings)
            return self._already(session, deliver)
        if options.client_credentials:
            settings = self._settings(options, self._find_secret)
            sign_in_as_client(session, settings, options.seconds)
            return self._already(session, deliver)
        pending = None if options.force else self._pending_of(name, session)
        if pending is not None and (options.paste or self._is_awaited_elsewhere(name)):
            return Attempt(session=session, login=pending, ask=options.paste)
        if not options.told_to_wait and options.wait is None and not has_a_person(current_shell()):
            raise NobodyToSignIn(_NOBODY)
        settings = self._settings(options, self._find_secret)
        return self._sign_in(name, settings, session, options, deliver)

    def log_out(self, name: str) -> bool:
        """Forget the token of a session and end its pending sign-in.

        Args:
            name: the variable that holds it.

        Returns:
            Whether there was anything to forget.
        """
        login, session = self.pending.pop(name, None), self.sessions.get(name)
        if login is not None and not login.done:
            login.cancel(logged_out())
        known = session is not None and (session.signed_in or session.operator is not None)
        if session is not None:
            session.sign_out()
        return known or login is not None

    def end_pending(self) -> None:
        """End every pending sign-in; the sessions stay."""
        for login in self.pending.values():
            login.cancel(shut_down())
        self.pending.clear()

    def close(self) -> None:
        """End every pending sign-in, and the sandbox if this kernel started one."""
        self.end_pending()
        self._sandbox.stop()

    def _settings(self, options: LoginOptions, find_secret: FindSecret) -> Settings:
        if not options.sandbox:
            return resolve(options.settings, os.environ, options.configuration, find_secret)
        uri = options.settings.get("redirect_uri") or os.environ.get("MYID_REDIRECT_URI")
        # Nothing that is set for a real MyID, a token above all, may go to the sandbox.
        return resolve(
            self._sandbox.settings(uri or default_redirect_uri(os.environ)), {}, {}, find_secret
        )

    def _find_secret(self, client_id: str) -> str | None:
        # What the user typed for a sign-in that worked is not asked for again by this kernel.
        return self._typed.get(client_id) or find_client_secret(client_id)

    def _session(self, name: str, settings: Settings) -> MyIDSession:
        session = self.sessions.get(name)
        if session is None or session.api_url != settings.api_url:
            command = "%myid_login" if name == "myid" else f"%myid_login {name}"
            session = MyIDSession(settings.api_url, ca_bundle=settings.ca_bundle, command=command)
            self.sessions[name] = session
        else:
            session.trust(settings.ca_bundle)
        return session

    def _pending_of(self, name: str, session: MyIDSession) -> Login | None:
        login = self.pending.get(name)
        return login if login and not login.done and login.session is session else None

    def _is_awaited_elsewhere(self, name: str) -> bool:
        return self._waiting.get(name, 0) not in {0, threading.get_ident()}

    def _already(self, session: MyIDSession, deliver: Deliver) -> Attempt:
        deliver(session)
        announce(session)
        return Attempt(session=session)

    def _sign_in(
        self,
        name: str,
        settings: Settings,
        session: MyIDSession,
        options: LoginOptions,
        deliver: Deliver,
    ) -> Attempt:
        older = self.pending.pop(name, None)
        if older is not None:
            older.cancel(superseded())
        door = open_door(settings.redirect_uri, os.environ, paste=options.paste)
        view = View(options)
        try:
            login = Login(
                settings,
                door,
                session,
                timeout=options.seconds,
                deliver=self._on_success(settings, deliver),
                observe=view.observe,
            )
        except MyIDError:
            door.close()
            raise
        self._waiting[name] = 0 if options.wait is False else threading.get_ident()
        self._start(name, login)
        if options.wait is False:
            deliver(session)
        try:
            self._show(login, view, options)
        except KeyboardInterrupt:
            raise interrupted(login) from None
        ask = login.door.kind is DoorKind.PASTE and has_a_person(current_shell())
        return Attempt(session=session, login=login, ask=ask)

    def _start(self, name: str, login: Login) -> None:
        self.pending[name] = login
        try:
            login.start()
        except MyIDError:
            del self.pending[name]
            raise

    def _on_success(self, settings: Settings, deliver: Deliver) -> Observer:
        def succeeded(login: Login) -> None:
            if settings.client_secret is not None:
                self._typed[settings.client_id] = settings.client_secret
            deliver(login.session)

        return succeeded

    def _show(self, login: Login, view: View, options: LoginOptions) -> None:
        view.show(login, self._sandbox.advice() if options.sandbox else "")
        _open_browser(login)


_NOBODY = (
    "This notebook runs without a person who could click a link (nbclient, papermill, a scheduled "
    "job). Put a token into the environment variable MYID_ACCESS_TOKEN, or, if somebody does "
    "watch, run %myid_login --wait."
)


def _open_browser(login: Login) -> None:
    # Not the link itself: every user of a machine can read the command line of a browser.
    if not login.done and can_open_browser(current_shell()):
        webbrowser.open(login.start_url)


def _check_timeout(seconds: float) -> None:
    if not 0 < seconds <= MAX_TIMEOUT:
        raise SettingError(
            "timeout",
            f"The timeout is {seconds:g} seconds; it must be more than 0 and at most "
            f"{MAX_TIMEOUT:.0f}. Change it in %myid_login --timeout SECONDS.",
        )
