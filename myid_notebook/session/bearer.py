"""The bearer token of a session (RFC 6750 section 2.1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from copy import copy
from enum import StrEnum
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING, NoReturn

import requests
from requests.auth import AuthBase

from myid_notebook.errors import NotSignedIn, RenewalDelayed, SessionExpired
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import NO_COPIES, Secret
from myid_notebook.settings.urls import origin

if TYPE_CHECKING:
    from myid_notebook.session.renewal import Renewal, StoredGrant

EXPIRY_MARGIN = 5.0
"""Seconds by which a token must outlive a request; with fewer left it counts as expired."""

TRIES = 2
"""Renewals for one request: the first may bring another kernel's token, which is over, too."""

PLACEHOLDER = "Bearer ********"
"""Replaces the token in a request, except while the request is being sent."""


class Standing(StrEnum):
    """Whether a token works, and why not."""

    SIGNED_IN = "signed in"
    RENEWABLE = "expired; the next request asks MyID to renew it"
    EXPIRED = "expired"
    REFUSED = "no longer accepted by MyID"
    NOT_SIGNED_IN = "not signed in"


def refuses_token(response: requests.Response) -> bool:
    """Return whether a response refuses the token that was sent (RFC 6750 section 3.1)."""
    challenge = response.headers.get("WWW-Authenticate", "")
    return response.status_code == HTTPStatus.UNAUTHORIZED and "invalid_token" in challenge


def _sent_in(response: requests.Response) -> object:
    """Return the header ``Authorization`` of a response's request; None without one."""
    return getattr(response.request, "headers", {}).get("Authorization")  # some have no request


class _Header(Secret):
    """The value of a header, which knows who added it: other sessions' are left as they are."""

    owner: BearerAuth


class BearerAuth(AuthBase):
    """Add the token to requests to the API's own origin, and to no others.

    An ``AuthBase`` and not a header of the session: ``~/.netrc`` silently replaces a header.

    Args:
        api_url: any URL of the API; its origin is the only one the token goes to.
        command: what signs in again, for messages, such as ``"%myid_login"``.
        clock: seconds since 1970 UTC.

    Attributes:
        command: as given; may be changed.
        renewal: renews the present token; None if nothing does.
        stored: the sign-in in the token store; None if it is not there.
        from_setting: the setting that holds the present token, such as ``"MYID_ACCESS_TOKEN"``;
            empty if it comes from a sign-in.
    """

    def __init__(self, api_url: str, command: str, clock: Callable[[], float] = time.time) -> None:
        self._origin = origin(api_url)
        self.command = command
        self._clock = clock
        # Other threads sign in and out: whoever looks at the token reads it once.
        self._token: TokenResponse | None = None
        self._earlier: TokenResponse | None = None
        self._refused: TokenResponse | None = None
        self._changing = threading.RLock()  # reentrant, for a signal handler that signs out
        self._ends = inf
        self._heeds_bare_401 = True
        self.renewal: Renewal | None = None
        self.stored: StoredGrant | None = None
        self.from_setting = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Authorize one request.

        Raises:
            NotSignedIn: there is no token. Not raised for another origin.
            SessionExpired: the token has expired, or the API refused it. Not raised for another
                origin.
        """
        if self.covers(request.url):
            header = _Header(f"Bearer {self.usable_token().access_token}")
            header.owner = self
            request.headers["Authorization"] = header
        return request

    def mask(self, request: requests.PreparedRequest) -> None:
        """Replace the token in a request with the placeholder, if this object added it.

        Args:
            request: prepared; changed.
        """
        if getattr(request.headers.get("Authorization"), "owner", None) is self:
            request.headers["Authorization"] = PLACEHOLDER

    def unmasked_copy(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request to send: a copy, with the token if it holds the placeholder.

        Args:
            request: prepared; stays as it is.

        Raises:
            NotSignedIn: there is no token.
            SessionExpired: the token has expired, or the API refused it.
        """
        wire = copy(request)  # not request.copy(), which also copies the cookies, one by one
        if request.headers.get("Authorization") != PLACEHOLDER:
            return wire
        wire.headers = request.headers.copy()
        return self(wire)

    def covers(self, url: str | None) -> bool:
        """Return whether the token may go to a URL."""
        try:
            return url is not None and origin(url) == self._origin
        except ValueError:
            return False

    @property
    def token(self) -> TokenResponse | None:
        """The token, expired or not; None when signed out."""
        return self._token

    @token.setter
    def token(self, token: TokenResponse | None) -> None:
        with self._changing:
            renewal, self.renewal = self.renewal, None
            self.stored = self._refused = None
            self._heeds_bare_401 = True
            self.from_setting = ""
            self._put(token)
        if renewal is not None:
            renewal.end("The session has another token.")

    def _put(self, token: TokenResponse | None) -> None:
        self._earlier = None if token is None else self._token
        # The clock may be set back.
        left = self.left_of(token)
        self._ends = inf if token is None or left is None else time.monotonic() + left
        self._token = token

    @property
    def hidden(self) -> list[str]:
        """The values that no message may show: the token, and the one that it replaced."""
        # A response to the earlier one may still come.
        tokens = (self._token, self._earlier)
        return [token.access_token for token in tokens if token is not None]

    @property
    def usable(self) -> bool:
        """Whether the session should work: its token does, or can be renewed."""
        return self.standing_of(self._token) in {Standing.SIGNED_IN, Standing.RENEWABLE}

    def standing_of(self, token: TokenResponse | None) -> Standing:
        """Return whether a token of this object should work, and why not.

        Args:
            token: the present one or an earlier one.
        """
        if token is None:
            return Standing.NOT_SIGNED_IN
        if self.is_refused(token):
            return Standing.REFUSED
        if not self._is_over(token):
            return Standing.SIGNED_IN
        is_renewable = self.renews and token is self._token
        return Standing.RENEWABLE if is_renewable else Standing.EXPIRED

    @property
    def renews(self) -> bool:
        """Whether the token is renewed while the session is used, as far as is known."""
        return self.renewal is not None and self.renewal.is_live

    def _is_due(self, token: TokenResponse) -> bool:
        left = self.left_of(token)
        if left is None or self.is_refused(token):
            return False
        return self._is_over(token) or left <= (token.lifetime or 0.0) / 2

    def _is_over(self, token: TokenResponse) -> bool:
        left = self.left_of(token)
        return left is not None and left <= EXPIRY_MARGIN

    def is_refused(self, token: TokenResponse) -> bool:
        """Return whether the API refused a token, be it the present one or the same once more."""
        refused = self._refused
        return refused is not None and token.access_token == refused.access_token

    @property
    def refusal(self) -> str:
        """What to say when the API refuses the present token."""
        if self.from_setting:
            return f"MyID did not accept the token in {self.from_setting}. {self.remedy}"
        return f"MyID did not accept the token. Run {self.command}, then this cell again."

    @property
    def remedy(self) -> str:
        """What to do when the present token does not work, as sentences."""
        if self.from_setting:
            # The command alone would use the same token again.
            return f"Replace that token, or remove it to sign in yourself; then run {self.command}."
        return f"Run {self.command}; this session will then work as before."

    def left_of(self, token: TokenResponse | None) -> float | None:
        """Return the seconds until a token expires, at least 0; None if unknown."""
        if token is None:
            return 0.0
        if token.expires_at is None:
            return None
        left = token.expires_at - self._clock()
        if token is self._token:
            left = min(left, self._ends - time.monotonic())
        return max(0.0, left)

    def usable_token(self) -> TokenResponse:
        """Return the token for a request, renewed if half of its life is over.

        Raises:
            NotSignedIn: there is no token.
            RenewalDelayed: the token has expired, and MyID could not be asked for a new one yet.
            SessionExpired: the token has expired, or the API refused it.
        """
        renewal = self.renewal
        for _ in range(TRIES):
            token = self._token
            if renewal is not None and token is not None and self._is_due(token):
                renewal.renew(self, token, wait_for_others=self._is_over(token))
            if self._token is token:
                break
        token = self._token
        if token is None:
            raise NotSignedIn(
                f"You are not signed in to MyID. Run {self.command} first, or finish the pending "
                "sign-in."
            )
        if self.is_refused(token):
            no_longer = f"MyID no longer accepts this session's token. {self.remedy}"
            raise SessionExpired(self.refusal if self.from_setting else no_longer)
        if not self._is_over(token):
            return token
        if renewal is not None and renewal.is_live:
            raise RenewalDelayed(
                "Your MyID session has expired and could not be renewed yet. "
                f"{renewal.delayed or 'The new token was over when it came.'} "
                "Run this cell again in some seconds."
            )
        what = f"The token in {self.from_setting}" if self.from_setting else "Your MyID session"
        why = self._why_it_ended()
        raise SessionExpired(f"{what} has expired. {f'{why} ' if why else ''}{self.remedy}")

    def renew_if_over(self) -> None:
        """Renew a token that has expired, if it can be renewed.

        Raises:
            RenewalDelayed: MyID could not be asked for a new one yet.
        """
        try:
            self.usable_token()
        except RenewalDelayed:
            raise
        except NotSignedIn:
            pass

    def holds(self, renewal: Renewal, token: TokenResponse) -> bool:
        """Return whether a token is the present one, and renewed by this object."""
        return self.renewal is renewal and self._token is token

    def replace(self, renewal: Renewal, old: TokenResponse, new: TokenResponse) -> bool:
        """Use a renewed token, unless somebody has signed in or out meanwhile; return whether."""
        with self._changing:
            is_wanted = self.holds(renewal, old)
            if is_wanted:
                self._put(new)
            return is_wanted

    def _why_it_ended(self) -> str:
        if self.renewal is not None and self.renewal.ended:
            return self.renewal.ended
        return "" if self.stored is None else self.stored.why_ended()

    def forget_threads(self) -> None:
        """Take a new lock, in a forked process: a thread of the parent may hold the old one."""
        self._changing = threading.RLock()

    def renew_after(self, response: requests.Response) -> bool:
        """Renew the token that a response refuses; return whether another one is there now.

        Args:
            response: whose request still has the token that was sent.
        """
        renewal, token = self.renewal, self._token
        if renewal is None or token is None or not self._may_refuse(response):
            return False
        sent = _sent_in(response)
        if sent == f"Bearer {token.access_token}":
            renewal.renew(self, token, wait_for_others=True)
        now = self._token
        if now is None or self.renewal is not renewal or sent == f"Bearer {now.access_token}":
            return False
        # What was sent is older: another thread may have renewed it meanwhile.
        return getattr(sent, "owner", None) is self

    def _may_refuse(self, response: requests.Response) -> bool:
        # Without invalid_token, a 401 may also mean what was asked for.
        is_bare = response.status_code == HTTPStatus.UNAUTHORIZED and self._heeds_bare_401
        return is_bare or refuses_token(response)

    def note_refusal(self, response: requests.Response) -> None:
        """Remember that the API refuses the present token, if a response says so.

        Args:
            response: whose request still has the token that was sent.
        """
        token = self._token
        sent = "" if token is None else f"Bearer {token.access_token}"
        if token is not None and refuses_token(response) and _sent_in(response) == sent:
            self.refuse(token)

    def note_repeated(self, response: requests.Response) -> None:
        """Take note of the response to a request that was repeated with a renewed token."""
        self.note_refusal(response)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._heeds_bare_401 = False

    def refuse(self, token: TokenResponse) -> None:
        """Note that the API refused a token, so that no notebook uses it any longer."""
        self._refused = token
        if token is not self._token:  # it has been replaced meanwhile
            return
        if self.renewal is not None:
            self.renewal.end("MyID refused the token.")
        if self.stored is not None:
            self.stored.forget(refused=True)

    def __repr__(self) -> str:
        return f"<BearerAuth {'with' if self.usable else 'without'} a usable token>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(NO_COPIES)
