"""One sign-in, from the link to the session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Generic, TypeVar

from myid_notebook.callback import rendezvous
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.receiver import CallbackReceiver
from myid_notebook.callback.route import CallbackRoute
from myid_notebook.errors import MyIDError, RedirectRefused, SettingError, SignInFailed
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.oauth.query import query_from_pasted_url
from myid_notebook.oauth.token_request import authorization_code_grant
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session.session import BearerSession
from myid_notebook.settings.resolve import Settings
from myid_notebook.sign_in import operator_name
from myid_notebook.sign_in.deadline import DEFAULT_TIMEOUT, Deadline
from myid_notebook.sign_in.messages import Phase, process_failed, shut_down, timed_out
from myid_notebook.sign_in.operator_name import OperatorLookup
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

Session = TypeVar("Session", bound=BearerSession)

_ALREADY_ANSWERED = Verdict(outcome=Outcome.ALREADY_ANSWERED)
_log = logging.getLogger(__name__)


class SignIn(Generic[Session]):
    """A pending sign-in, in a thread of its own; no user interface.

    Args:
        route: how the redirect reaches this process.
        session: signed in at the end; may have been signed in before.
        timeout: seconds until it times out.
        deliver: called on success at once, before the operator's name is looked up.
        observe: called every second while pending and once at the end, in the thread of the
            sign-in.

    Attributes:
        session: as given.
        request: the authorization request whose link starts the sign-in; None after the end.
        deadline: when it times out.
        phase: waiting, exchanging, signed in or failed.
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
        session: Session,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        deliver: Callable[[SignIn[Session]], None] | None = None,
        observe: Callable[[SignIn[Session]], None] | None = None,
    ) -> None:
        self.session = session
        self.phase = Phase.WAITING
        self.error: MyIDError | None = None
        self.problem = ""
        self.deadline = Deadline(timeout)
        self._deliver = deliver
        self._observe = observe
        self._token_endpoint = TokenEndpoint(settings)
        self._lookup = OperatorLookup(settings.api_url, settings.ca_bundle)
        request = _new_request(settings, route.redirect_uri)
        self.request: AuthorizationRequest | None = request
        self._receiver = CallbackReceiver(
            request.url, route, request.state, timeout, self._on_redirect
        )
        self._settled = asyncio.Event()
        self._hurry = asyncio.Event()
        self._waiting = 0
        self._waiting_lock = threading.Lock()
        self._thread = LoopThread(self._run, self._on_error, self._release)
        self.finished = self._thread.finished

    @property
    def start_url(self) -> str:
        """An address on this machine that sends a browser on to the link, once."""
        return self._receiver.start_url

    @property
    def route(self) -> CallbackRoute:
        """How the redirect reaches this process."""
        return self._receiver.route

    @property
    def is_waited_for(self) -> bool:
        """Whether a cell or task waits for this sign-in; while one does, others may join it."""
        return self._waiting > 0

    def join(self) -> None:
        """Count one more cell or task that waits."""
        with self._waiting_lock:
            self._waiting += 1

    def leave(self) -> bool:
        """Count one less, and return whether nobody waits now."""
        with self._waiting_lock:
            self._waiting -= 1
            return self._waiting == 0

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
        with contextlib.suppress(SignInFailed):  # no thread to do it in: the redirect waits
            run_in_thread(self._prepare)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, and return whether it came.

        Args:
            timeout: seconds; None to wait without limit.
        """
        with contextlib.suppress(TimeoutError):
            self.finished.result(timeout)
        return self.finished.done()

    def result(self) -> Session:
        """Return the session of a sign-in that has ended.

        Raises:
            SettingError: the CA bundle holds no certificate.
            SignInFailed: why else it ended without a token.
        """
        if self.error is not None:
            raise self.error
        return self.session

    def cancel(self, error: SignInFailed) -> None:
        """End the sign-in from another thread, and wait for the end; harmless after it.

        Args:
            error: what ``result`` then raises.
        """
        self.cancel_soon(error)
        if self._thread.start_called:
            self.wait()

    def cancel_soon(self, error: SignInFailed) -> None:
        """End the sign-in from another thread, without waiting; before its start, at its start.

        Args:
            error: what ``result`` then raises.
        """
        self._thread.call_soon(lambda: self._fail(error))

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
            if self.phase is Phase.WAITING:
                self.problem = problem
                self._notify(self._observe)

        self._thread.call_soon(report)

    def _prepare(self) -> None:
        try:
            self._token_endpoint.prepare()
        except SettingError as error:
            self._thread.call_soon(partial(self._fail, error))
        rendezvous.remove_expired()  # reads the files of all sign-ins

    async def _run(self) -> None:
        try:
            await self._receiver.serve()
            reporting = asyncio.create_task(self._report_time_left())
            self._thread.set_started()
            await self._settled.wait()
            reporting.cancel()
        finally:
            self._token_endpoint.abort()  # a slow server would hold its thread
            self.request = None  # so that ``paste`` asks nothing of a loop that is closing
        closing = asyncio.create_task(self._receiver.close(CLOSE_TIMEOUT))
        if self.phase is Phase.SIGNED_IN:
            await self._look_up_operator()
        await closing
        self._notify(self._observe)

    async def _report_time_left(self) -> None:
        # Short sleeps: after the machine has slept, a long one would continue where it was.
        while self.deadline.seconds_left:
            await asyncio.sleep(min(REPORT_INTERVAL, self.deadline.seconds_left))
            self._notify(self._observe)
        self._fail(self._timed_out())

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
            return self._fail(error) if self.phase is Phase.WAITING else _ALREADY_ANSWERED
        if self.phase is not Phase.WAITING:
            return _ALREADY_ANSWERED
        if not self.deadline.seconds_left:
            return self._fail(self._timed_out())
        self.phase = Phase.EXCHANGING
        return await self._exchange_code(request, code)

    async def _exchange_code(self, request: AuthorizationRequest, code: Secret) -> Verdict:
        grant = authorization_code_grant(code, request.redirect_uri, request.code_verifier)
        timeout = self.deadline.seconds_left + SOCKET_MARGIN
        try:
            token = await await_in_thread(lambda: self._token_endpoint.request(grant, timeout))
        except MyIDError as error:
            return self._fail(error)
        if not self.deadline.seconds_left:  # the machine has slept meanwhile
            return self._fail(self._timed_out())
        return self._succeed(token)

    def _succeed(self, token: TokenResponse) -> Verdict:
        if self.phase is not Phase.EXCHANGING:  # it was cancelled meanwhile
            return Verdict(outcome=Outcome.FAILED, detail=str(self.error or ""))
        self.session.sign_in(token)
        self.phase = Phase.SIGNED_IN
        self._notify(self._deliver)
        self._settled.set()
        return Verdict(outcome=Outcome.SIGNED_IN)

    def _fail(self, error: MyIDError) -> Verdict:
        if self.phase.pending:
            self.phase = Phase.FAILED
            self.error = strip_frames(error)  # they hold the redirect, code and state
            self._settled.set()
        self._hurry.set()  # whoever ends it does not wait for the operator's name either
        return Verdict(outcome=Outcome.FAILED, detail=str(self.error or ""))

    async def _look_up_operator(self) -> None:
        token, operator = self.session.bearer.token, self.session.operator
        if token is None or operator is None or operator.id is None:
            return
        hurry = asyncio.create_task(self._hurry.wait())
        try:
            with contextlib.suppress(MyIDError):  # no thread to ask in
                name = await_in_thread(lambda: self._lookup.name(token))
                either: list[asyncio.Future[Any]] = [name, hurry]
                await asyncio.wait(
                    either,
                    timeout=min(operator_name.LOOKUP_TIMEOUT, self.deadline.seconds_left),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                # The same operator still: somebody else may have signed in meanwhile.
                if name.done() and name.result() and self.session.operator is operator:
                    self.session.operator = replace(operator, name=name.result())
        finally:
            hurry.cancel()
            self._lookup.abort()

    def _notify(self, observer: Callable[[SignIn[Session]], None] | None) -> None:
        if observer is not None:
            try:
                observer(self)
            except Exception:  # noqa: BLE001 - a front end that fails must not end a sign-in
                _log.warning("The notebook could not show the state of a sign-in", exc_info=True)

    def _on_error(self, error: Exception) -> None:
        self._fail(error if isinstance(error, SignInFailed) else process_failed(error))
        self._notify(self._observe)

    def _release(self) -> None:
        self._fail(shut_down())
        self.request = None
        self._receiver.close_nowait()

    def _timed_out(self) -> SignInFailed:
        return timed_out(self.phase, self.deadline.timeout, self.route, self.problem)


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
