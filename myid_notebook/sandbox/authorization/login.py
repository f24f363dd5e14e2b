"""Sign-ins in progress: what a browser has chosen so far, kept on the server."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from myid_notebook.sandbox.authorization.authorization_request import AuthorizationRequest
from myid_notebook.sandbox.authorization.lockout import Mechanism

LIFETIME = 600
"""How long a sign-in page can be used, in seconds."""

MAX_LOGINS = 500
"""The number of sign-ins kept; the oldest goes first."""


@dataclass(slots=True, kw_only=True)
class Login:
    """One sign-in in progress.

    ``expires_at`` is in seconds of the monotonic clock. ``location`` is where a finished sign-in
    sent the browser, so that a second click on the same button gets the same answer.
    """

    request: AuthorizationRequest
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    expires_at: float = field(default_factory=lambda: time.monotonic() + LIFETIME)
    mechanism: Mechanism | None = None
    username: str = ""
    questions: tuple[str, ...] = ()
    location: str = field(default="", repr=False)


class Logins:
    """The sign-ins in progress by their id."""

    def __init__(self) -> None:
        self._logins: OrderedDict[str, Login] = OrderedDict()

    def begin(self, request: AuthorizationRequest) -> Login:
        """Return a new sign-in for ``request``."""
        login = Login(request=request)
        self._logins[login.id] = login
        if len(self._logins) > MAX_LOGINS:
            self._logins.popitem(last=False)
        return login

    def find(self, login_id: str) -> Login | None:
        """Return the sign-in of that id, unless it is unknown or has expired."""
        login = self._logins.get(login_id)
        if login is None or login.expires_at <= time.monotonic():
            return None
        return login
