"""Authorization codes: random, short-lived, for one use (RFC 6749 section 4.1.2)."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from myid_notebook.sandbox.authorization.authorization_request import AuthorizationRequest
from myid_notebook.sandbox.authorization.lockout import Mechanism

MAX_CODES = 1_000
"""The number of codes kept; the oldest goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a code stands for: who signed in, by which means, for which request.

    ``issued_at`` is in seconds of the monotonic clock, ``signed_in_at`` in seconds since 1970.
    """

    request: AuthorizationRequest
    person_id: str
    mechanism: Mechanism
    issued_at: float = field(default_factory=time.monotonic)
    signed_in_at: int = field(default_factory=lambda: int(time.time()))

    def is_older_than(self, seconds: float) -> bool:
        """Tell whether the code was made ``seconds`` ago or earlier."""
        return time.monotonic() - self.issued_at >= seconds


class AuthorizationCodes:
    """The codes that were handed out and not yet used."""

    def __init__(self) -> None:
        self._grants: OrderedDict[str, Grant] = OrderedDict()

    def issue(self, grant: Grant) -> str:
        """Return a new code for ``grant``."""
        code = secrets.token_hex(32).upper()
        self._grants[code] = grant
        if len(self._grants) > MAX_CODES:
            self._grants.popitem(last=False)
        return code

    def take(self, code: str, client_id: str) -> Grant | None:
        """Return the grant of ``code`` and burn the code, if it belongs to that client.

        A code that is presented by another client stays valid: only its own client burns it.
        """
        grant = self._grants.get(code)
        if grant is None or grant.request.client.client_id != client_id:
            return None
        return self._grants.pop(code)
