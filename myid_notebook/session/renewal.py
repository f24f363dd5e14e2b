"""Renew the token of a session while it is used (RFC 6749 section 6)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial

from myid_notebook.errors import MyIDError, SignInFailed, TokenEndpointError, TokenRefused
from myid_notebook.oauth.token_request import client_credentials_grant, refresh_token_grant
from myid_notebook.oauth.token_response import SIGN_IN_AGAIN, TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.session.bearer import EXPIRY_MARGIN, BearerAuth
from myid_notebook.settings.resolve import Settings
from myid_notebook.threads import run_in_thread
from myid_notebook.token_store.client import Chain, Ended, Forgotten, Found, Lease, StoreClient
from myid_notebook.transport.revocation import revoke
from myid_notebook.transport.token_endpoint import TokenEndpoint

TIMEOUT = 20.0
"""Seconds that a token request may take in all."""

PAUSE = 15.0
"""Seconds until the next try after one that left the refresh token unused."""

PATIENCE = 35.0
"""Seconds to wait for another kernel that renews; a lease of the token store lasts 30."""

_POLL_INTERVAL = 0.2
_TOO_MANY_REQUESTS = 429


class OwnGrant:
    """What this process alone renews with; several threads never use it at once.

    Args:
        refresh_token: None for a client that asks for itself (client credentials).
    """

    def __init__(self, refresh_token: Secret | None) -> None:
        self.refresh_token = refresh_token

    def take(self, _patience: float) -> OwnGrant:
        """Return what is to be presented to MyID."""
        return self

    def accept(self, _lease: object, token: TokenResponse) -> bool:
        """Keep the new refresh token; without one, the old one can be used again."""
        if self.refresh_token is not None:
            self.refresh_token = token.refresh_token or self.refresh_token
        return True

    def give_back(self) -> None:
        """Do nothing: the refresh token never left."""

    close = give_back


class StoredGrant:
    """A sign-in that the token store keeps, for several kernels.

    Attributes:
        store: that keeps it.
        chain: which one it is; another one after somebody has replaced it with ``--force``.
    """

    def __init__(self, store: StoreClient, chain: Chain) -> None:
        self.store = store
        self.chain = chain

    def take(self, patience: float) -> Found | Lease | Ended | None:
        """Return the refresh token, a newer token, or why there is none.

        Args:
            patience: seconds to wait for another kernel that renews.

        Returns:
            None if another kernel has not finished its renewal by then.
        """
        deadline = time.monotonic() + patience
        while (response := self.store.renew(self.chain)) is None:
            if time.monotonic() > deadline:
                return None
            time.sleep(_POLL_INTERVAL)  # the store cannot call its kernels
        if isinstance(response, Found):
            self.chain = response.chain
        return response

    def accept(self, lease: Lease, token: TokenResponse) -> bool:
        """Give the new tokens to the store; return False if it does not take them any more."""
        chain = lease.renewed(token)
        if chain is not None:
            self.chain = chain
        return chain is not None

    def forget(self, *, refused: bool = False) -> Forgotten:
        """End the sign-in in the store, for every notebook.

        Args:
            refused: as for ``StoreClient.forget``.
        """
        return self.store.forget(self.chain, refused=refused)

    def why_ended(self) -> str:
        """Return why the sign-in was ended elsewhere, as a sentence; empty if it was not."""
        return self.store.ended(self.chain)


class Renewal:
    """Renews the token of one session, when a request asks for it; never by itself.

    It holds the client secret, and drops it at its end.

    Args:
        settings: of the sign-in, with the client secret.
        grant: what is presented to MyID.
        subject: whom the token must stand for; None if unknown.

    Attributes:
        settings: as given; None at its end.
        ended: why it renews no more, as a sentence; empty while it does.
        delayed: why the last try failed, in sentences, if another one follows.
        news: what the user has not been told yet; empty if there is nothing.
    """

    def __init__(
        self, settings: Settings, grant: OwnGrant | StoredGrant, subject: str | None
    ) -> None:
        self.ended = ""
        self.delayed = ""
        self.news = ""
        self.settings: Settings | None = settings
        self._grant: OwnGrant | StoredGrant | None = grant
        self._subject = subject
        self._lock = threading.Lock()
        self._under_way: Future[None] | None = None
        self._not_before = 0.0
        # A forked process must not present what its parent presents, too.
        self._process = os.getpid()

    @property
    def is_live(self) -> bool:
        """Whether the token can still be renewed, as far as is known."""
        return not self.ended and self._process == os.getpid()

    def hand_over(self, keep: Callable[[Secret | None], StoredGrant | None]) -> None:
        """Give the refresh token to the token store, and renew through the store from then on.

        Args:
            keep: gives it to the store; returns None if the store does not take it.
        """
        with self._lock:
            if isinstance(self._grant, OwnGrant) and self._under_way is None:
                self._grant = keep(self._grant.refresh_token) or self._grant

    def renew(self, bearer: BearerAuth, token: TokenResponse, *, wait_for_others: bool) -> None:
        """Renew once, and return when that is done; an interrupt ends only the waiting.

        Args:
            bearer: gets the new token, in another thread.
            token: to be renewed; nothing is done if the bearer has another one by now.
            wait_for_others: whether to wait if another thread or kernel renews already.
        """
        if not self.is_live:  # in a forked process, nobody may ever release the lock
            return
        with self._lock:
            settings, grant, future = self.settings, self._grant, self._under_way
            if settings is None or grant is None:
                return
            if not bearer.holds(self, token):  # another thread was first
                return
            if future is not None and not wait_for_others:
                return
            if future is None:
                if time.monotonic() < self._not_before:
                    return
                patience = PATIENCE if wait_for_others else 0.0
                use = partial(bearer.replace, self, token)
                try:
                    future = run_in_thread(
                        lambda: self._run(settings, grant, use, patience), name="myid-renewal"
                    )
                except SignInFailed as error:  # no thread
                    self._delay(error)
                    return
                self._under_way = future
        while not future.done():
            wait([future], 1.0)  # not without limit: Windows could not interrupt it

    def end(self, reason: str) -> tuple[Settings | None, list[Secret]]:
        """Renew no more, and drop the secrets.

        Args:
            reason: as a sentence.

        Returns:
            What it has dropped: the settings, and the refresh token of this process, if any.
        """
        with self._lock:
            settings, grant, self.settings, self._grant = self.settings, self._grant, None, None
            self.ended = self.ended or reason
        own = grant.refresh_token if isinstance(grant, OwnGrant) else None
        return settings, [] if own is None else [own]

    def lose(self, reason: str) -> None:
        """Renew no more, and have the user told at the next request.

        Args:
            reason: as a sentence.
        """
        self.end(reason)
        self.news = self.ended

    def _run(
        self,
        settings: Settings,
        grant: OwnGrant | StoredGrant,
        use: Callable[[TokenResponse], bool],
        patience: float,
    ) -> None:
        try:
            lease = grant.take(patience)
            if lease is None:
                self.delayed = "Another notebook is renewing it."
            elif isinstance(lease, Ended):
                self.lose(lease.reason)
            elif isinstance(lease, Found):
                self.delayed = ""
                use(lease.token)
            else:
                with closing(lease):
                    self._present(settings, grant, lease, use)
        except Exception as error:  # noqa: BLE001 - whatever it is, the chain must not go on
            self.lose(f"The renewal failed ({type(error).__name__}).")
        finally:
            with self._lock:
                self._under_way = None

    def _present(
        self,
        settings: Settings,
        grant: OwnGrant | StoredGrant,
        lease: OwnGrant | Lease,
        use: Callable[[TokenResponse], bool],
    ) -> None:
        try:
            token = _request(settings, lease.refresh_token)
        except MyIDError as error:
            if lease.refresh_token is None or _left_it_unused(error):
                lease.give_back()
                self._delay(error)
            else:
                self.lose(_reason(error))
            return
        if None not in {self._subject, token.subject} and token.subject != self._subject:
            self.lose("MyID sent the token of another person.")
            return
        if token.lifetime is not None and token.lifetime <= EXPIRY_MARGIN:
            self.lose(f"MyID sent a token that is valid for {token.lifetime:.0f} seconds only.")
            return
        is_kept = grant.accept(lease, token)  # type: ignore[arg-type] # each takes its own leases
        self.delayed = ""
        is_used = is_kept and use(replace(token, refresh_token=None))
        is_orphan = not is_kept or (isinstance(grant, OwnGrant) and not is_used)
        if is_orphan and token.refresh_token is not None:  # somebody signed out meanwhile
            revoke(settings, token.refresh_token)
        if not is_kept:
            self.lose(
                "The Jupyter server took no new token: somebody signed out, or it was stopped."
            )

    def _delay(self, why: MyIDError) -> None:
        self.delayed = _without_advice(why)
        self._not_before = time.monotonic() + PAUSE


def renewal_of(settings: Settings, token: TokenResponse) -> Renewal | None:
    """Return what renews the token of a person's sign-in; None unless the scope asks for that.

    Args:
        settings: of the sign-in, with the client secret.
    """
    if not settings.asks_to_renew:
        return None
    renewal = Renewal(settings, OwnGrant(token.refresh_token), token.subject)
    if token.refresh_token is None:
        renewal.lose(
            "MyID sent no refresh token: your MyID administrator must set AllowOfflineAccess in "
            "the client's entry."
        )
    return renewal


def revoked(settings: Settings | None, refresh_tokens: list[Secret]) -> bool:
    """Ask MyID to revoke refresh tokens; return whether it has revoked them all.

    Args:
        settings: with the client secret; None if this process does not have them.
    """
    if settings is None:
        return False
    with suppress(SignInFailed):  # no thread
        # In a thread: the frames of an interrupted request would show what was sent.
        asking = run_in_thread(lambda: all(revoke(settings, each) for each in refresh_tokens))
        while not asking.done():
            wait([asking], 1.0)
        return asking.result()
    return False


def _request(settings: Settings, refresh_token: Secret | None) -> TokenResponse:
    endpoint = TokenEndpoint(settings)
    limit = threading.Timer(TIMEOUT, endpoint.abort)
    limit.daemon = True
    try:
        limit.start()
    except RuntimeError as error:  # no thread, and nothing was sent
        raise SignInFailed(str(error)) from None
    try:
        if refresh_token is not None:
            return endpoint.request(refresh_token_grant(refresh_token), TIMEOUT)
        token = endpoint.request(client_credentials_grant(settings.scope_of_client), TIMEOUT)
        return replace(token, subject=token.subject or settings.client_id)
    finally:
        limit.cancel()


def _left_it_unused(error: MyIDError) -> bool:
    """Return whether MyID has certainly not taken the refresh token."""
    if isinstance(error, TokenRefused):
        return error.error == "invalid_client" or error.status == _TOO_MANY_REQUESTS
    if isinstance(error, TokenEndpointError):
        return not error.sent or error.status == _TOO_MANY_REQUESTS
    return True  # a CA bundle that is broken, for example


def _reason(error: MyIDError) -> str:
    if isinstance(error, TokenRefused) and error.error == "invalid_grant":
        return "MyID no longer accepts the refresh token (invalid_grant)."
    return _without_advice(error)


def _without_advice(why: MyIDError) -> str:
    return str(why).removesuffix(SIGN_IN_AGAIN).rstrip()
