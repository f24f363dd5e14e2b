"""Counting wrong answers until an account locks (ADMIN 3.4.1, 3.5)."""

from collections import OrderedDict
from enum import StrEnum


class Mechanism(StrEnum):
    """The ways to sign in that the page offers (OC 3.2)."""

    QUESTIONS = "questions"
    CODE = "code"
    SMART_CARD = "card"


LIMITS = {Mechanism.QUESTIONS: 3, Mechanism.CODE: 5}
"""Failures until the account is locked for a mechanism; MyID's defaults."""

_MAX_ACCOUNTS = 5_000


class Lockout:
    """Failures by mechanism and user name, of unknown users too, who must look alike."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[Mechanism, str], int] = OrderedDict()

    def is_locked(self, mechanism: Mechanism, username: str) -> bool:
        """Tell whether the account failed too often."""
        return self._failures.get((mechanism, username.casefold()), 0) >= LIMITS[mechanism]

    def failed(self, mechanism: Mechanism, username: str) -> None:
        """Count a failure."""
        account = mechanism, username.casefold()
        self._failures[account] = self._failures.get(account, 0) + 1
        if len(self._failures) > _MAX_ACCOUNTS:
            self._failures.popitem(last=False)

    def succeeded(self, mechanism: Mechanism, username: str) -> None:
        """Forget the failures of an account."""
        self._failures.pop((mechanism, username.casefold()), None)
