"""One sign-in, from the link to the session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from functools import partial

from myid_notebook.callback import rendezvous
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.receiver import CallbackReceiver
from myid_notebook.callback.route import CallbackRoute
from myid_notebook.errors import MyIDError, RedirectRefused, SettingError, SignInFailed
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.oauth.query import query_from_pasted_url
from myid_notebook.oauth.token_request import authorization_code_grant
from myid_notebook.secret import Secret
from myid_notebook.session.renewal import renewal_of
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import Settings
from myid_notebook.sign_in.deadline import DEFAULT_TIMEOUT, Deadline
from myid_notebook.sign_in.messages import Stage, process_failed, shut_down, timed_out
from myid_notebook.sign_in.operator_name import LOOKUP_TIMEOUT, OperatorLookup, name_operator
from myid_notebook.sign_in.without_browser import SOCKET_MARGIN
from myid_notebook.threads import LoopThread, await_in_thread, run_in_thread
from myid_notebook.tracebacks import strip_frames
from myid_notebook.transport.token_endpoint import TokenEndpoint

ENTROPY = 32
"""Random bytes of a state and of a code verifier: 256 bits each (RFC 7636 section 7.1)."""

REPORT_INTERVAL = 1.0
"""Seconds between reports of the time left."""

CLOSE_TIMEOUT = 0.5
"""Seconds that the page after sign-in may still be sent once the sign-in has ended."""

_NEXT = {
    Stage.WAITING: {Stage.EXCHANGING, Stage.ENDED},
    Stage.EXCHANGING: {Stage.NAMING, Stage.ENDED},
    Stage.NAMING: {Stage.ENDED},
    Stage.ENDED: set[Stage](),
}
"""The stages that may follow each stage."""

_ALREADY_ANSWERED = Verdict(outcome=Outcome.ALREADY_ANSWERED)
_log = logging.getLogger(__name__)


class SignIn:
    """A sign-in in a thread of its own; no user interface.

    Args:
        settings: with the client secret; kept until the verdict only.
        route: how the redirect should reach this process.
        session: gets the token; may have been signed in before.
        timeout: seconds until it times out.
        on_token: called as soon as the session has the token, before the operator's name is
            looked up; in the thread of the sign-in, like ``on_change``.
        on_change: called every second while pending, and once at the end.

    Attributes:
        session: as given.
        receiver: receives the redirect.
        route: how the redirect reaches this process.
        request: the authorization request whose link starts the sign-in; None after the verdict.
        deadline: when it times out.
        stage: how far it is.
        error: why it failed; None otherwise.
        problem: why it will fail once somebody signs in, in sentences; empty if nothing is known.
        finished: done when the sign-in has ended and released everything; cannot be cancelled.

    Raises:
        NoPortAvailable: this process can open no more ports.
    """

    def __init__(
        self,
        settings: Settings,
        route: CallbackRoute,
        session: BearerSession,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_token: Callable[[], None] | None = None,
        on_change: Callable[[SignIn], None] | None = None,
    ) -> None:
        self.session = session
        self.stage = Stage.WAITING
        self.error: MyIDError | None = None
        self.problem = ""
        self.deadline = Deadline(timeout)
        self._on_token = on_token
        self._on_change = on_change
        self._token_endpoint: TokenEndpoint | None = TokenEndpoint(settings)
        self._settings: Settings | None = settings
        self._lookup = OperatorLookup(settings.api_url, settings.ca_bundle)
        request = _new_request(settings, route.redirect_uri)
        self.request: AuthorizationRequest | None = request
        self.receiver = CallbackReceiver(
            request.url, route, request.state, timeout, self._on_redirect
        )
        self.route = self.receiver.route
        self._has_verdict = asyncio.Event()
        self._has_ended = asyncio.Event()
        self._thread = LoopThread(self._run, self._on_error, self._release)
        self.finished = self._thread.finished

    @property
    def pending(self) -> bool:
        """Whether it can still end either way."""
        return self.stage in {Stage.WAITING, Stage.EXCHANGING}

    def start(self) -> None:
        """Receive redirects from now on; when this returns, the link may be followed.

        Raises:
            SignInFailed: the process cannot start a thread; the sign-in has ended.
        """
        self._thread.start()

    def prepare(self) -> None:
        """Begin what need not delay the link; call it once the link is shown.

        The sign-in fails if the CA bundle turns out to be broken.
        """
        endpoint = self._token_endpoint

        def prepare() -> None:
            try:
                if endpoint is not None:
                    endpoint.prepare()
            except SettingError as error:
                self._thread.call_soon(partial(self._fail, error))
            rendezvous.remove_expired()  # reads the files of all sign-ins

        with contextlib.suppress(SignInFailed):  # no thread to do it in: the redirect waits
            run_in_thread(prepare)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, and return whether it came.

        Args:
            timeout: seconds; None to wait without limit.
        """
        with contextlib.suppress(TimeoutError):
            self.finished.result(timeout)
        return self.finished.done()

    def result(self) -> BearerSession:
        """Return the session of a sign-in that has ended.

        Raises:
            SettingError: the CA bundle holds no certificate.
            SignInFailed: why else it ended without a token.
        """
        if self.error is not None:
            raise self.error
        return self.session

    def cancel(self, error: SignInFailed, *, wait: bool = True) -> None:
        """End the sign-in from another thread; harmless after the end.

        Args:
            error: what ``result`` then raises.
            wait: whether to wait for the end. A sign-in that has not started ends at its start.
        """
        self._thread.call_soon(lambda: self._fail(error))
        if wait and self._thread.start_called:
            self.wait()

    def paste(self, address: str) -> None:
        """Take the address of the page after sign-in, with the same checks as a redirect.

        Args:
            address: as copied from the address bar.

        Raises:
            RedirectRefused: it does not belong to this sign-in, which is still pending.
        """
        query = query_from_pasted_url(address)
        verdict = self._thread.run_coroutine(
            lambda: self._on_redirect(query) if self.request else None
        )
        if verdict is None:  # it has ended, or has not begun
            return
        if verdict.outcome is Outcome.REFUSED:
            raise RedirectRefused(verdict.detail)
        self.wait()

    def report_problem(self, problem: str) -> None:
        """Tell the observer at once why the sign-in will fail; it stays pending.

        Args:
            problem: in sentences; empty if nothing is known any more.
        """

        def report() -> None:
            if self.stage is Stage.WAITING:
                self.problem = problem
                self._tell(self._on_change, self)

        self._thread.call_soon(report)

    async def _run(self) -> None:
        await self.receiver.serve()
        reporting = asyncio.create_task(self._report_time_left())
        self._thread.set_started()
        await self._has_verdict.wait()
        reporting.cancel()
        closing = asyncio.create_task(self.receiver.close(CLOSE_TIMEOUT))
        if self.stage is Stage.NAMING:
            seconds = min(LOOKUP_TIMEOUT, self.deadline.seconds_left)
            await name_operator(self.session, self._lookup, seconds, self._has_ended)
        await closing
        self._enter(Stage.ENDED)
        self._tell(self._on_change, self)

    def _enter(self, stage: Stage) -> None:
        """Enter a stage, if it follows the present one; leave the secrets behind at the verdict."""
        if stage not in _NEXT[self.stage]:
            return
        self.stage = stage
        if not self.pending:
            endpoint, self._token_endpoint, self.request = self._token_endpoint, None, None
            self._settings = None
            if endpoint is not None:
                endpoint.abort()  # a slow server would hold its thread
            self._has_verdict.set()
        if stage is Stage.ENDED:
            self._has_ended.set()

    async def _report_time_left(self) -> None:
        # Short sleeps: after the machine has slept, a long one would continue where it was.
        while self.deadline.seconds_left:
            await asyncio.sleep(min(REPORT_INTERVAL, self.deadline.seconds_left))
            self._tell(self._on_change, self)
        self._fail(timed_out(self))

    async def _on_redirect(self, query: str) -> Verdict:
        request = self.request
        if request is None:
            return _ALREADY_ANSWERED
        try:
            code = request.parse_redirect(query)  # checks the state, the issuer and the error
        except RedirectRefused as error:
            return Verdict(outcome=Outcome.REFUSED, detail=str(error))
        except SignInFailed as error:
            # An error that arrives after the code changes nothing.
            return self._fail(error) if self.stage is Stage.WAITING else _ALREADY_ANSWERED
        if self.stage is not Stage.WAITING:
            return _ALREADY_ANSWERED
        if not self.deadline.seconds_left:
            return self._fail(timed_out(self))
        self._enter(Stage.EXCHANGING)
        return await self._exchange_code(request, code)

    async def _exchange_code(self, request: AuthorizationRequest, code: Secret) -> Verdict:
        endpoint, settings = self._token_endpoint, self._settings
        assert endpoint is not None  # noqa: S101 - it is there while the sign-in is pending
        assert settings is not None  # noqa: S101 - the same
        grant = authorization_code_grant(code, request.redirect_uri, request.code_verifier)
        timeout = self.deadline.seconds_left + SOCKET_MARGIN
        try:
            token = await await_in_thread(lambda: endpoint.request(grant, timeout))
        except MyIDError as error:
            return self._fail(error)
        if not self.deadline.seconds_left:  # the machine has slept meanwhile
            return self._fail(timed_out(self))
        if not self.pending:  # it was cancelled meanwhile
            return self._fail(shut_down())
        self.session.sign_in(token, renewal_of(settings, token))
        self._enter(Stage.NAMING)
        self._tell(self._on_token)
        return Verdict(outcome=Outcome.SIGNED_IN)

    def _fail(self, error: MyIDError) -> Verdict:
        """End without a token, unless there is a verdict; who ends it does not wait for a name."""
        if self.pending:
            self.error = strip_frames(error)  # they hold the redirect, code and state
        self._enter(Stage.ENDED)
        return Verdict(outcome=Outcome.FAILED, detail=str(self.error or ""))

    def _tell(self, listener: Callable[..., None] | None, *arguments: object) -> None:
        try:
            if listener is not None:
                listener(*arguments)
        except Exception:  # noqa: BLE001 - a front end that fails must not end a sign-in
            _log.warning("The notebook could not show the state of a sign-in", exc_info=True)

    def _on_error(self, error: Exception) -> None:
        self._fail(error if isinstance(error, SignInFailed) else process_failed(error))
        self._tell(self._on_change, self)

    def _release(self) -> None:
        self._fail(shut_down())
        self.receiver.close_nowait()


def _new_request(settings: Settings, redirect_uri: str) -> AuthorizationRequest:
    return AuthorizationRequest(
        authorize_url=settings.authorize_url,
        client_id=settings.client_id,
        redirect_uri=redirect_uri,
        scope=settings.scope,
        state=Secret(secrets.token_urlsafe(ENTROPY)),
        code_verifier=Secret(secrets.token_urlsafe(ENTROPY)),
        issuer=settings.issuer,
    )
