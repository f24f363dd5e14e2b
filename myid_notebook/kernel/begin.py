"""Begin a sign-in: find a valid session, join a pending sign-in, or start a new one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from myid_notebook.callback.jupyter_servers import default_redirect_uri
from myid_notebook.callback.route import RouteKind, choose_route
from myid_notebook.errors import NobodyToSignIn, SettingError, SignInFailed, TokenRefused
from myid_notebook.explore.session import MyIDSession
from myid_notebook.front_end import (
    can_open_browser,
    current_shell,
    has_a_person,
    is_captured,
    is_starting,
    is_voila,
    log_in_kernel,
    marimo_mode,
)
from myid_notebook.kernel.backends import Backend
from myid_notebook.kernel.checks import start_checks
from myid_notebook.kernel.handle import Deliver, SignInHandle
from myid_notebook.kernel.options import LoginOptions
from myid_notebook.kernel.prompts import prompt_for_secret
from myid_notebook.kernel.registry import Registry, SessionKind
from myid_notebook.kernel.view import View, announce
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session import words
from myid_notebook.session.state import Operator
from myid_notebook.settings.resolve import (
    Settings,
    given_values,
    keyring_secret,
    resolve,
    with_client_secret,
)
from myid_notebook.settings.table import IDENTITY, SETTINGS
from myid_notebook.sign_in.messages import cancelled, superseded
from myid_notebook.sign_in.operator_name import look_up_operator
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.sign_in.without_browser import (
    place_of_token,
    request_client_token,
    token_of_settings,
)
from myid_notebook.threads import deferred_interrupts, run_in_thread
from myid_notebook.token_store.client import Found, StoreWatch

MAX_TIMEOUT = 24 * 3600.0
"""Seconds; longer waits are refused."""

_CONSOLE_BROWSERS = {"www-browser", "w3m", "lynx", "links", "links2", "elinks"}
"""They take the terminal, where the sign-in is waited for and can be interrupted."""

_NOBODY = (
    "Nobody can click a sign-in link here, because this runs non-interactively (nbclient, "
    "papermill, a scheduled job or script). Set MYID_ACCESS_TOKEN to an access token; or sign in "
    "as the client itself, without a person: %myid_login --client-credentials. If somebody is "
    "watching after all: %myid_login --wait."
)

_STARTING = (
    "A startup file cannot sign in: the kernel has not started yet, so the link could not be "
    "shown. Run %myid_login in a cell. A startup file may load the magics (%load_ext "
    "myid_notebook)."
)

_CAPTURED = (
    "The output of this cell is captured (%%capture), so the sign-in link could not be seen. Run "
    "%myid_login in a cell without it."
)

_VOILA = (
    "Voilà shows a notebook only once its cells have ended, so none of them can wait for a "
    "sign-in. Use the magic with --no-wait: its variable works once you have signed in. Or set "
    "MYID_ACCESS_TOKEN, or sign in as the client itself: %myid_login --client-credentials."
)

_SHARED_APP = (
    "This notebook runs as an app (marimo run), in one process for everybody who opens it, so "
    "everybody would use the sign-in of one person. Open it with marimo edit to sign in, or let "
    "the app use an account of its own: set MYID_ACCESS_TOKEN, or run %myid_login "
    "--client-credentials."
)

_SERVER_RESTARTED = "Jupyter was restarted, so earlier sign-ins were lost."


class BeginSignIn:
    """One call to sign in, up to what the caller then waits for.

    Args:
        registry: of the kernel; the lock of the name is held.
        backend: runs what blocks.
        deliver: called with the session once it works.
    """

    def __init__(
        self,
        registry: Registry,
        backend: Backend,
        name: str,
        options: LoginOptions,
        deliver: Deliver,
    ) -> None:
        self._registry = registry
        self._record = registry.record(name)
        self._backend = backend
        self._name = name
        self._options = options
        self._deliver = deliver
        self._view = View(options, self._still_valid)
        self._typed: Secret | None = None
        self._store_change = 0
        self._why = ""
        self._sign_in: SignIn[MyIDSession] | None = None
        self._settings: Settings  # with the client secret, once a person is to sign in

    async def run(self) -> SignInHandle:
        """Begin, and return what is to be waited for.

        Raises:
            MyIDError: as ``login`` does; nothing of the call is left then.
        """
        _check_timeout(self._options.seconds)
        settings = await self._backend.run(self._resolve)
        if settings.access_token is not None:
            return await self._use_given_token(settings)
        kind = SessionKind.CLIENT if self._options.client_credentials else SessionKind.PERSON
        given = {name for name, value in self._options.settings.items() if value is not None}
        session = self._record.valid_session(settings, kind, given)
        if session is not None and not self._options.force:
            self._apply(settings, session)
            return self._already_signed_in(session, later=self._set_later(settings, given))
        self._why = self._differences(settings)
        if self._options.client_credentials:
            return await self._sign_in_client(settings)
        if marimo_mode() == "run":  # before a token that was kept is used for everybody
            raise NobodyToSignIn(_SHARED_APP)
        joined = self._join_pending(settings)
        if joined is not None:
            return joined
        found = await self._backend.run(lambda: self._find_shared(settings))
        if found is not None:
            return await self._use_shared_token(settings, found)
        return await self._sign_in_person(settings)

    def _resolve(self) -> Settings:
        options = self._options
        if not options.sandbox:
            return resolve(options.settings, os.environ, options.configuration)
        given = given_values(
            options.settings, os.environ, options.configuration, profiles=False
        ).texts
        uri = given["redirect_uri"] or default_redirect_uri(os.environ)
        # Nothing else that is set for a real MyID, least of all a token, may go to the sandbox.
        store = self._registry.store
        shared = "" if store is None else store.shared_secret(f"sandbox {uri}")
        ours = self._registry.sandbox.settings(uri, shared)
        kept = {name: given[name] for name in ("show_rows", "share", "checks")}
        return resolve({**ours, **kept}, {}, {}, profiles=False)

    async def _use_given_token(self, settings: Settings) -> SignInHandle:
        token, session = token_of_settings(settings), self._session_to_sign_in(settings)
        if session.bearer.is_refused(token) and not self._options.force:
            # It would be refused again, so say what helps instead.
            raise SettingError("access_token", session.bearer.refusal)
        operator = await self._backend.run(
            lambda: look_up_operator(token, settings.api_url, settings.ca_bundle)
        )
        return await self._use_token(
            settings, SessionKind.TOKEN, token, operator, from_setting=place_of_token(settings)
        )

    def _find_shared(self, settings: Settings) -> Found | None:
        store = self._registry.store
        if store is None or settings.share == "off" or self._options.force:
            return None
        self._store_change = store.last_change()
        return store.find(self._name, settings, anywhere=settings.share == "server")

    async def _use_shared_token(self, settings: Settings, found: Found) -> SignInHandle:
        operator = Operator(id=found.token.subject, name=found.operator)
        origin = "from before the restart" if found.same_notebook else "from another notebook"
        return await self._use_token(
            settings, SessionKind.PERSON, found.token, operator, origin=origin
        )

    def _keep_shared(self, session: MyIDSession) -> None:
        settings, store, token = self._settings, self._registry.store, session.bearer.token
        if store is None or settings.share == "off" or token is None or session.operator is None:
            return
        since = store.last_change()
        if store.keep(self._name, settings, token, session.operator.name):
            session.bearer.watch = StoreWatch(store, since)

    async def _sign_in_client(self, settings: Settings) -> SignInHandle:
        settings = await self._with_secret(settings)
        try:
            token = await self._backend.run(
                lambda: request_client_token(settings, self._options.seconds)
            )
        except TokenRefused as error:
            self._registry.forget_refused_secret(settings, error)
            raise
        operator = Operator(id=token.subject, client_id=settings.client_id)
        handle = await self._use_token(settings, SessionKind.CLIENT, token, operator)
        self._registry.note_working_client(settings)
        self._keep_typed_secret(settings)
        return handle

    async def _use_token(
        self,
        settings: Settings,
        kind: SessionKind,
        token: TokenResponse,
        operator: Operator,
        *,
        origin: str = "",
        from_setting: str = "",
    ) -> SignInHandle:
        session = self._session_to_sign_in(settings)
        session.sign_in(token)
        session.bearer.from_setting = from_setting
        session.command = self._options.command(self._name)
        session.operator = operator
        if origin and self._registry.store is not None:
            session.bearer.watch = StoreWatch(self._registry.store, self._store_change)
        self._record.deliver(session, kind, settings)
        await self._supersede_pending()
        return self._already_signed_in(session, origin)

    def _differences(self, settings: Settings) -> str:
        session, used = self._record.session, self._record.settings
        if session is None or used is None or not session.signed_in or self._options.force:
            return ""
        old, new = used.identity, settings.identity
        differing = [name for name in IDENTITY if old[name] != new[name]]
        if "api_url" in differing:  # from which the others may follow
            differing = ["server"]
        named = [SETTINGS[name].words for name in differing]
        return words.differs_line(named) if named else ""

    def _set_later(self, settings: Settings, given: set[str]) -> list[str]:
        # Of those that come from elsewhere the user expects nothing from this call.
        used = self._record.settings
        changed = set() if used is None else used.set_later(settings) & given
        return [SETTINGS[name].words for name in SETTINGS if name in changed]

    def _already_signed_in(
        self, session: MyIDSession, origin: str = "", later: Sequence[str] = ()
    ) -> SignInHandle:
        self._deliver(session)
        announce(session, origin, later)
        return SignInHandle(session=session)

    def _join_pending(self, settings: Settings) -> SignInHandle | None:
        # One link for all threads and tasks that ask for the session of this name.
        options, sign_in = self._options, self._record.pending
        used = self._record.sign_in_settings
        if sign_in is None or used is None or options.force:
            return None
        if used.identity != settings.identity or used.set_later(settings):
            return None
        if not (options.paste or sign_in.is_waited_for):
            return None
        if options.waits:
            sign_in.join()
        else:
            self._deliver(sign_in.session)
        return SignInHandle(
            session=sign_in.session,
            sign_in=sign_in,
            paste=options.paste,
            joined=options.waits,
            deliver=self._deliver,
        )

    async def _sign_in_person(self, settings: Settings) -> SignInHandle:
        options, backend = self._options, self._backend
        self._check_that_link_is_seen()
        self._settings = await self._with_secret(settings)
        advice = await backend.run(self._registry.sandbox.advice) if options.sandbox else ""
        store = self._registry.store
        if store is not None and store.server_restarted and not options.force:
            advice = f"{_SERVER_RESTARTED} {advice}".rstrip()
        advice = f"{self._why} {advice}".strip()
        await self._supersede_pending()
        try:
            sign_in = await backend.run(self._start, _cancel_soon)
            # Only now: if this task was cancelled meanwhile, another one holds the lock.
            self._record.sign_in_settings = self._settings.without_secrets
            self._record.sign_in = sign_in
            return await self._show(sign_in, advice)
        except BaseException as error:  # noqa: BLE001 - interrupts and cancellations too
            failure = error
        if self._sign_in is not None:
            await backend.cancel(self._sign_in, cancelled())
        raise failure

    def _check_that_link_is_seen(self) -> None:
        options, shell = self._options, current_shell()
        if is_starting(shell):
            log_in_kernel(shell, _STARTING)
            raise NobodyToSignIn(_STARTING)
        if not options.waits:
            return
        if is_captured(shell):
            raise NobodyToSignIn(_CAPTURED)
        if is_voila(os.environ):
            raise NobodyToSignIn(_VOILA)
        if not options.told_to_wait and not (has_a_person(shell) or marimo_mode() == "edit"):
            raise NobodyToSignIn(_NOBODY)

    def _start(self) -> SignIn[MyIDSession]:
        settings, options = self._settings, self._options
        with self._registry.choosing_route:
            route = choose_route(settings.redirect_uri, os.environ, paste=options.paste)
            try:
                self._sign_in = SignIn(
                    settings,
                    route,
                    self._session_to_sign_in(settings),
                    timeout=options.seconds,
                    deliver=self._on_success,
                    observe=self._on_change,
                )
            except BaseException:
                route.close()
                raise
            if options.waits:
                self._sign_in.join()
            deferred_interrupts(self._sign_in.start)  # half started, it could not be ended
            return self._sign_in

    async def _show(self, sign_in: SignIn[MyIDSession], advice: str) -> SignInHandle:
        if not self._options.waits:
            self._record.deliver(sign_in.session, None, self._settings)
            self._deliver(sign_in.session)
        # Who sees the link may interrupt before its widget is made; Python loses an interrupt that
        # comes while it finalizes an object.
        deferred_interrupts(lambda: self._view.show(sign_in, advice))
        sign_in.prepare()  # only now, like the checks: nothing may delay the link
        if self._settings.checks:
            start_checks(self._settings, self._registry, sign_in)
        if not sign_in.finished.done() and can_open_browser(current_shell()):
            with suppress(SignInFailed):  # no thread; the link is shown all the same
                # Nobody waits for it: a browser may hold its caller until it is closed.
                run_in_thread(lambda: _open_browser(sign_in), name="myid-browser")
        paste = sign_in.route.kind is RouteKind.PASTE and has_a_person(current_shell())
        return SignInHandle(
            session=sign_in.session, sign_in=sign_in, paste=paste, joined=self._options.waits
        )

    def _on_success(self, sign_in: SignIn[MyIDSession]) -> None:
        self._registry.note_working_client(self._settings)
        self._keep_typed_secret(self._settings)
        sign_in.session.command = self._options.command(self._name)
        self._record.deliver(sign_in.session, SessionKind.PERSON, self._settings)
        self._deliver(sign_in.session)

    def _on_change(self, sign_in: SignIn[MyIDSession]) -> None:
        self._registry.forget_refused_secret(self._settings, sign_in.error)
        if sign_in.error is None and not sign_in.phase.pending:
            self._keep_shared(sign_in.session)
        self._view.observe(sign_in)

    def _still_valid(self) -> str:
        session = self._record.session
        if session is None or not session.signed_in:
            return ""
        return words.still_line(self._name, session)

    async def _supersede_pending(self) -> None:
        older, self._record.sign_in = self._record.sign_in, None
        if older is not None:
            await self._backend.cancel(older, superseded())

    def _apply(self, settings: Settings, session: MyIDSession) -> None:
        session.set_ca_bundle(settings.ca_bundle)
        session.openapi = settings.openapi
        if self._options.settings.get("show_rows") is not None:  # else a user's own choice stays
            session.show_rows = settings.show_rows

    def _session_to_sign_in(self, settings: Settings) -> MyIDSession:
        # A new session replaces the one of that name when it is delivered, not before: a failed
        # sign-in at another server takes nothing away.
        session = self._record.session
        if session is not None and session.api_url == settings.api_url:
            self._apply(settings, session)
            return session
        return MyIDSession(
            settings.api_url,
            ca_bundle=settings.ca_bundle,
            command=self._options.command(self._name),
            show_rows=settings.show_rows,
            openapi=settings.openapi,
        )

    async def _with_secret(self, settings: Settings) -> Settings:
        # Only now, when every other setting was found right and a sign-in is due.
        if not settings.needs_client_secret:
            return settings
        secret: str | None = self._registry.typed_secret(settings)
        if secret is None:
            secret = await self._backend.run(lambda: keyring_secret(settings.client_id))
        if secret is not None:
            return with_client_secret(settings, secret)
        settings = with_client_secret(settings, prompt_for_secret(settings.client_id))
        self._typed = settings.client_secret or Secret()  # empty for a public client
        return settings

    def _keep_typed_secret(self, settings: Settings) -> None:
        if self._typed is not None:
            self._registry.keep_typed_secret(settings, self._typed)


def _check_timeout(seconds: float) -> None:
    if not 0 < seconds <= MAX_TIMEOUT:
        raise SettingError(
            "timeout",
            f"The timeout is {seconds:g} seconds; it must be more than 0 and at most "
            f"{MAX_TIMEOUT:.0f}. Change it in %myid_login --timeout SECONDS.",
        )


def _cancel_soon(sign_in: SignIn[Any]) -> None:
    sign_in.cancel_soon(cancelled())


def _open_browser(sign_in: SignIn[Any]) -> None:
    # Not the link itself: every user of a machine can read the command line of a browser. Nor a
    # file with the link, as Jupyter does it: a sandboxed browser cannot read it.
    import webbrowser  # noqa: PLC0415 - only where a browser can be opened

    with suppress(webbrowser.Error, OSError):  # no browser runs; the link is shown all the same
        # Not ``webbrowser.open``: when a browser fails, it tries the next one, in the terminal too.
        browser = webbrowser.get()
        if Path(getattr(browser, "name", "")).name not in _CONSOLE_BROWSERS:
            browser.open(sign_in.start_url)
