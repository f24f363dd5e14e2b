"""The session as the parts of explore see it: requests, MyID's errors and what they share."""

from __future__ import annotations

import contextlib
import re
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import requests

from myid_notebook.explore.api_error import error_of, path_of
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session.operator import Operator
from myid_notebook.session.session import BearerSession, with_force
from myid_notebook.session.state import SessionState, Standing, in_minutes

WARN_WITHIN = 300.0
"""Seconds before its end within which a session says that it ends soon."""

_SHORT_LIFE = 600.0
"""Seconds; of a token that is valid no longer, the line after the sign-in says enough."""


class MyIDResponse(requests.Response):
    """A ``requests.Response`` of the API."""

    api_url = ""
    """The API base, to shorten paths in messages; not kept by pickling."""

    refusal = ""
    """What to say of a token that was refused; not kept by pickling either."""

    def raise_for_status(self) -> None:
        """Raise an error with MyID's own words if the status is 400 or more.

        Raises:
            MyIDAPIError: which is a ``requests.HTTPError``.
        """
        if self.status_code < HTTPStatus.BAD_REQUEST:
            return
        body = b""
        with contextlib.suppress(requests.RequestException, RuntimeError):  # a stream, read already
            body = self.content
        raise error_of(self, path_of(self.url, self.api_url), body)


class APISession(BearerSession):
    """A ``BearerSession`` whose responses have MyID's errors; the base of ``MyIDSession``.

    Args:
        api_url: the API base, ending in a slash.
        ca_bundle: path of a PEM file to trust instead of the system's store.
        command: the command that signs in again, for messages.
        show_rows: rows of a result that a cell shows; 0 shows nothing of any person.
        openapi: URL or path of the API description; None for the usual URL.

    Attributes:
        show_rows: as given; may be changed.
        openapi: as given.
        sign_in_again: asks a person to sign in again and returns when it is done; None where
            nobody can be asked.
        pending_line: tells how a pending sign-in of this session stands; None, or empty text, if
            there is none.
        heard: path and name of the search parameters that MyID is known to take into account.
    """

    def __init__(
        self,
        api_url: str,
        *,
        ca_bundle: str | None = None,
        command: str = "%myid_login",
        show_rows: int = 10,
        openapi: str | None = None,
    ) -> None:
        super().__init__(api_url, ca_bundle=ca_bundle, command=command)
        self.show_rows = show_rows
        self.openapi = openapi
        self.sign_in_again: Callable[[], object] | None = None
        self.pending_line: Callable[[], str] | None = None
        self.heard: set[tuple[str, str]] = set()
        self._to_warn_of: TokenResponse | None = None

    def sign_in(self, token: TokenResponse) -> None:
        """Use a new token from now on."""
        super().sign_in(token)
        left = self.bearer.left_of(token)
        self._to_warn_of = None if left is None or left <= _SHORT_LIFE else token
        self.heard.clear()  # another person may see rows where the last one saw none

    @property
    def pending(self) -> str:
        """How a pending sign-in of this session stands; empty if there is none."""
        line = self.pending_line  # read once: the thread of the sign-in removes it at the end
        return "" if line is None else line()

    def _in_words(self, state: SessionState) -> str:
        words = super()._in_words(state)
        pending = re.split("[:.…]", self.pending)[0]  # without the time left and what to do
        if not pending:
            return words
        pending = pending[:1].lower() + pending[1:]
        return pending if state.standing is Standing.NOT_SIGNED_IN else f"{words}; {pending}"

    def _shown_operator(self, operator: Operator) -> str:
        return super()._shown_operator(operator) if self.show_rows else ""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - requests' own signature
        """Send a prepared request as ``BearerSession`` does; the response has MyID's errors.

        Raises:
            NotSignedIn: there is no token.
            SessionExpired: the token has expired.
            requests.RequestException: as ``BearerSession`` raises it.
        """
        if self.bearer.covers(request.url):
            self._warn_before_the_end()
        response = super().send(request, **kwargs)
        if self.bearer.covers(response.url):
            # Not an attribute of the response, which would not survive pickling.
            response.__class__ = MyIDResponse
            vars(response).update(api_url=self.api_url, refusal=self.bearer.refusal)
        return response

    def _warn_before_the_end(self) -> None:
        """Say once for each token that it expires soon.

        On standard error: a notebook shows it below the cell that sends the request, and the
        output of a script stays as it is. Not with ``warnings``: where warnings are errors, a
        request that works would fail.
        """
        # Output of other threads appears below any cell; myid.fetch, which uses them, signs in
        # again by itself.
        if threading.current_thread() is not threading.main_thread():
            return
        token = self._to_warn_of
        if token is None or token is not self.bearer.token or not self.bearer.accepts(token):
            return
        left = self.bearer.left_of(token)
        if left is None or left > WARN_WITHIN:
            return
        self._to_warn_of = None
        renew = with_force(self.command)
        ends = f"Your MyID session ends in {in_minutes(left)}. To renew it now: {renew}"
        if self.bearer.given_by:
            ends = f"The token in {self.bearer.given_by} expires in {in_minutes(left)}."
        if sys.stderr is not None:  # None under pythonw, where print would write to stdout
            with contextlib.suppress(OSError, ValueError):  # closed; the request works all the same
                print(  # noqa: T201 - as the docstring says
                    ends,
                    file=sys.stderr,
                    flush=True,
                )
