"""One sign-in, from the link to the session."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.receiver import CallbackReceiver
from myid_notebook.callback.route import CallbackRoute
from myid_notebook.errors import MyIDError, RedirectRefused, SignInFailed
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.oauth.query import query_from_pasted_url
from myid_notebook.oauth.token_request import (
    ClientAuthentication,
    TokenRequest,
    authorization_code_grant,
)
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session.session import MyIDSession
from myid_notebook.settings.resolve import Settings
from myid_notebook.sign_in.deadline import DEFAULT_TIMEOUT, Deadline
from myid_notebook.sign_in.messages import Phase, broken_off, shut_down, timed_out
from myid_notebook.sign_in.operator_name import OperatorLookup
from myid_notebook.threads import LoopThread, in_thread
from myid_notebook.tracebacks import strip_frames
from myid_notebook.transport.token_endpoint import TokenEndpoint

_log = logging.getLogger(__name__)

Observer = Callable[["SignIn"], None]


def notify(observer: Observer | None, sign_in: SignIn) -> None:
    """Tell an observer; a front end that fails must not end a sign-in.

    Args:
        observer: None where nobody wants to know.
        sign_in: whose state has changed.
    """
    if observer is not None:
        try:
            observer(sign_in)
        except Exception:  # noqa: BLE001 - whatever a front end raises
            _log.warning("The notebook could not show the state of a sign-in", exc_info=True)


class Exchange:
    """Redeems one code, once.

    Args:
        settings: where to, and how the client proves who it is.

    Raises:
        SettingError: the CA bundle holds no certificate.
    """

    def __init__(self, settings: Settings) -> None:
        self._endpoint = TokenEndpoint(settings.token_url, settings.ca_bundle)
        self._authentication = ClientAuthentication(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            method=settings.client_authentication,
        )

    async def redeem(
        self, request: AuthorizationRequest, code: Secret, patience: float
    ) -> TokenResponse:
        """Exchange the code and return the token.

        Args:
            request: the authorization request the code answers.
            code: from its redirect.
            patience: seconds to wait for each part of the answer.

        Raises:
            SignInFailed: there is no token; the code is spent.
        """
        grant = authorization_code_grant(code, request.redirect_uri, request.code_verifier)
        token_request = TokenRequest(grant=grant, authentication=self._authentication)
        return await in_thread(lambda: self._endpoint.request(token_request, patience))

    def abort(self) -> None:
        """End the request under way, if there is one."""
        self._endpoint.abort()


ENTROPY = 32
"""Random bytes of a state and of a code verifier: 256 bits each (RFC 7636 section 7.1)."""


def fresh_request(settings: Settings, redirect_uri: str) -> AuthorizationRequest:
    """Return a request for one sign-in.

    Args:
        settings: checked.
        redirect_uri: of the route that was chosen.
    """
    return AuthorizationRequest(
        authorize_url=settings.authorize_url,
        client_id=settings.client_id,
        redirect_uri=redirect_uri,
        scope=settings.scope,
        state=Secret(secrets.token_urlsafe(ENTROPY)),
        code_verifier=Secret(secrets.token_urlsafe(ENTROPY)),
        issuer=settings.issuer,
    )


REPORT_INTERVAL = 1.0
"""Seconds between reports of the time left."""

GRACE = 0.5
"""Seconds that the last page may take after the end."""


class SignIn:
    """A sign-in under way, in one thread of its own; no user interface.

    Args:
        settings: checked.
        route: the way back of the redirect.
        session: signed in at the end; the same object may have been signed in before.
        timeout: seconds until it gives up.
        deliver: told of success at once, before anybody is asked for the operator's name.
        observe: told every second while pending, and once at the end; in the login's thread.

    Attributes:
        session: as given.
        deadline: when it gives up.
        phase: where the sign-in stands.
        error: why it failed; None otherwise.

    Raises:
        SettingError: the CA bundle holds no certificate.
        NoPortAvailable: this process can open no port any more.
    """

    def __init__(
        self,
        settings: Settings,
        route: CallbackRoute,
        session: MyIDSession,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        deliver: Observer | None = None,
        observe: Observer | None = None,
    ) -> None:
        self.session = session
        self.phase = Phase.WAITING
        self.error: MyIDError | None = None
        self.deadline = Deadline(timeout)
        self._deliver = deliver
        self._observe = observe
        self._exchange = Exchange(settings)
        self._lookup = OperatorLookup(session, settings.ca_bundle)
        request = fresh_request(settings, route.redirect_uri)
        self._request: AuthorizationRequest | None = request
        self._receiver = CallbackReceiver(request.url, route, request.state, timeout, self._answer)
        self._settled = asyncio.Event()
        self._hurry = asyncio.Event()
        self._thread = LoopThread(self._live, self._break_off, self._release)

    @property
    def request(self) -> AuthorizationRequest | None:
        """The authorization request whose link starts the sign-in; None once it has ended."""
        return self._request

    @property
    def start_url(self) -> str:
        """Where to open the user's own browser: sends it on to the link, once."""
        return self._receiver.start_url

    @property
    def route(self) -> CallbackRoute:
        """The way back of the redirect."""
        return self._receiver.route

    @property
    def done(self) -> bool:
        """Whether the sign-in has ended and left nothing behind."""
        return self._thread.done

    def start(self) -> None:
        """Receive redirects from now on; when this returns, the link may be followed.

        Raises:
            SignInFailed: this process can start no thread any more; the sign-in has ended.
        """
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, and return whether it came.

        Args:
            timeout: seconds; None for as long as it takes.
        """
        return self._thread.wait(timeout)

    def when_done(self, call: Callable[[], None]) -> None:
        """Call something at the end: in the login's thread, or at once where it has ended.

        Args:
            call: takes nothing, does not block.
        """
        self._thread.when_done(call)

    def result(self) -> MyIDSession:
        """Return the session of a sign-in that has ended.

        Raises:
            SignInFailed: why it ended without a token.
        """
        if self.error is not None:
            raise self.error
        return self.session

    def cancel(self, why: SignInFailed) -> None:
        """End the sign-in from another thread, and wait for the end; harmless after it.

        Args:
            why: what ``result`` then raises.
        """
        self.cancel_soon(why)
        if self._thread.begun:
            self.wait()

    def cancel_soon(self, why: SignInFailed) -> None:
        """End the sign-in from another thread, without waiting; as soon as it starts, if need be.

        Args:
            why: what ``result`` then raises.
        """
        self._thread.call(lambda: self._fail(why))

    def paste(self, address: str) -> None:
        """Take the address of the page the browser ended on; same checks as for a redirect.

        Args:
            address: as copied from the address bar.

        Raises:
            RedirectRefused: it does not belong to this sign-in, which goes on waiting.
        """
        query = query_from_pasted_url(address)
        verdict = self._thread.ask(lambda: self._answer(query) if self._request else None)
        if verdict is None:  # it has ended, or has not begun
            return
        if verdict.outcome is Outcome.REFUSED:
            raise RedirectRefused(verdict.detail)
        self.wait()

    def _break_off(self, error: Exception) -> None:
        self._fail(error if isinstance(error, SignInFailed) else broken_off(error))
        notify(self._observe, self)

    def _release(self) -> None:
        self._fail(shut_down())
        self._request = None
        self._receiver.close_nowait()

    async def _live(self) -> None:
        try:
            await self._receiver.serve()
            ticking = asyncio.create_task(self._tick())
            self._thread.started()
            await self._settled.wait()
            ticking.cancel()
        finally:
            self._exchange.abort()
            self._request = None  # nothing is asked of a loop that is ending
        closing = asyncio.create_task(self._receiver.close(GRACE))
        if self.phase is Phase.SIGNED_IN:
            await self._lookup.wait_within(self.deadline.seconds_left, self._hurry)
        await closing
        notify(self._observe, self)

    async def _tick(self) -> None:
        # Short sleeps: after a sleep of the machine a long one would go on where it was.
        while self.deadline.seconds_left:
            await asyncio.sleep(min(REPORT_INTERVAL, self.deadline.seconds_left))
            notify(self._observe, self)
        self._fail(self._timed_out())

    async def _answer(self, query: str) -> Verdict:
        request = self._request
        if request is None:
            return _ALREADY_ANSWERED
        try:
            code = request.parse_redirect(query)
        except RedirectRefused as error:
            return Verdict(outcome=Outcome.REFUSED, detail=str(error))
        except SignInFailed as error:
            # An error after the code: a second answer changes nothing.
            return self._fail(error) if self.phase is Phase.WAITING else _ALREADY_ANSWERED
        if self.phase is not Phase.WAITING:
            return _ALREADY_ANSWERED
        if not self.deadline.seconds_left:
            return self._fail(self._timed_out())
        self.phase = Phase.EXCHANGING
        return await self._redeem(request, code)

    async def _redeem(self, request: AuthorizationRequest, code: Secret) -> Verdict:
        # A little more than there is: it is the deadline that ends an endless answer.
        patience = self.deadline.seconds_left + GRACE
        try:
            token = await self._exchange.redeem(request, code, patience)
        except SignInFailed as error:
            return self._fail(error)
        if not self.deadline.seconds_left:  # a machine that slept may wake up with an answer
            return self._fail(self._timed_out())
        if self.phase is Phase.EXCHANGING:
            self.session.sign_in(token)
            self.phase = Phase.SIGNED_IN
            notify(self._deliver, self)
            self._settled.set()
            return Verdict(outcome=Outcome.SIGNED_IN)
        return Verdict(outcome=Outcome.FAILED, detail=str(self.error or ""))

    def _timed_out(self) -> SignInFailed:
        return timed_out(self.phase, self.deadline.timeout, self.route.redirect_uri)

    def _fail(self, error: SignInFailed) -> Verdict:
        if self.phase.pending:
            self.phase = Phase.FAILED
            self.error = strip_frames(error)  # those hold the answer, code and state
            self._settled.set()
        self._hurry.set()  # whoever would end it does not wait for a name either
        return Verdict(outcome=Outcome.FAILED, detail=str(self.error or ""))


_ALREADY_ANSWERED = Verdict(outcome=Outcome.ALREADY_ANSWERED)
