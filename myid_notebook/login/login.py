"""One sign-in, from the link to the session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from myid_notebook.errors import MyIDError, RedirectRefused, SignInFailed
from myid_notebook.login.deadline import DEFAULT_TIMEOUT, Deadline
from myid_notebook.login.endings import broken_off, shut_down, too_late
from myid_notebook.login.exchange import Exchange
from myid_notebook.login.fresh_request import fresh_request
from myid_notebook.login.introduction import Introduction
from myid_notebook.login.login_thread import LoginThread
from myid_notebook.login.observer import Observer, tell
from myid_notebook.login.phase import Phase
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.redirects.door import Door
from myid_notebook.redirects.pasted import query_of
from myid_notebook.redirects.reception import Reception
from myid_notebook.redirects.verdict import Outcome, Verdict
from myid_notebook.secret import Secret
from myid_notebook.session import MyIDSession
from myid_notebook.session.frames import without_inner_frames
from myid_notebook.settings import Settings

TICK = 1.0
"""Seconds between reports of the time left."""

GRACE = 0.5
"""Seconds that the last page may take after the end."""


class Login:
    """A sign-in under way, in one thread of its own; no user interface.

    Args:
        settings: checked.
        door: the way back of the redirect.
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
        DoorUnavailable: this process can open no port any more.
    """

    def __init__(
        self,
        settings: Settings,
        door: Door,
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
        self._introduction = Introduction(session, settings.ca_bundle)
        request = fresh_request(settings, door.redirect_uri)
        self._request: AuthorizationRequest | None = request
        self._reception = Reception(request.url, door, request.state, timeout, self._answer)
        self._settled = asyncio.Event()
        self._hurry = asyncio.Event()
        self._thread = LoginThread(self._live, self._break_off, self._release)

    @property
    def request(self) -> AuthorizationRequest | None:
        """The authorization request whose link starts the sign-in; None once it has ended."""
        return self._request

    @property
    def start_url(self) -> str:
        """Where to open the user's own browser: sends it on to the link, once."""
        return self._reception.start_url

    @property
    def door(self) -> Door:
        """The way back of the redirect."""
        return self._reception.door

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
        self.give_up(why)
        if self._thread.begun:
            self.wait()

    def give_up(self, why: SignInFailed) -> None:
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
        query = query_of(address)
        verdict = self._thread.ask(lambda: self._answer(query) if self._request else None)
        if verdict is None:  # it has ended, or has not begun
            return
        if verdict.outcome is Outcome.REFUSED:
            raise RedirectRefused(verdict.detail)
        self.wait()

    def _break_off(self, error: Exception) -> None:
        self._fail(error if isinstance(error, SignInFailed) else broken_off(error))
        tell(self._observe, self)

    def _release(self) -> None:
        self._fail(shut_down())
        self._request = None
        self._reception.abandon()

    async def _live(self) -> None:
        try:
            await self._reception.serve()
            ticking = asyncio.create_task(self._tick())
            self._thread.started()
            await self._settled.wait()
            ticking.cancel()
        finally:
            self._exchange.abort()
            self._request = None  # nothing is asked of a loop that is ending
        closing = asyncio.create_task(self._reception.close(GRACE))
        if self.phase is Phase.SIGNED_IN:
            await self._introduction.wait_within(self.deadline.seconds_left, self._hurry)
        await closing
        tell(self._observe, self)

    async def _tick(self) -> None:
        # Short sleeps: after a sleep of the machine a long one would go on where it was.
        while self.deadline.seconds_left:
            await asyncio.sleep(min(TICK, self.deadline.seconds_left))
            tell(self._observe, self)
        self._fail(self._too_late())

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
            return self._fail(self._too_late())
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
            return self._fail(self._too_late())
        if self.phase is Phase.EXCHANGING:
            self.session.sign_in(token)
            self.phase = Phase.SIGNED_IN
            tell(self._deliver, self)
            self._settled.set()
            return Verdict(outcome=Outcome.SIGNED_IN)
        return Verdict(outcome=Outcome.FAILED, detail=str(self.error or ""))

    def _too_late(self) -> SignInFailed:
        return too_late(self.phase, self.deadline.timeout, self.door.redirect_uri)

    def _fail(self, error: SignInFailed) -> Verdict:
        if self.phase.pending:
            self.phase = Phase.FAILED
            self.error = without_inner_frames(error)  # those hold the answer, code and state
            self._settled.set()
        self._hurry.set()  # whoever would end it does not wait for a name either
        return Verdict(outcome=Outcome.FAILED, detail=str(self.error or ""))


_ALREADY_ANSWERED = Verdict(outcome=Outcome.ALREADY_ANSWERED)
