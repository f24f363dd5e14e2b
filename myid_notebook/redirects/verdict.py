"""What became of a redirect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Every end a redirect can come to, as the page tells it."""

    SIGNED_IN = "signed_in"
    FAILED = "failed"
    REFUSED = "refused"
    ALREADY_ANSWERED = "already_answered"
    UNKNOWN = "unknown"
    NO_STATE = "no_state"
    KERNEL_GONE = "kernel_gone"
    OTHER_MACHINE = "other_machine"
    NO_JUPYTER_LOGIN = "no_jupyter_login"
    OTHER_USER = "other_user"
    OTHER_ACCOUNT = "other_account"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one redirect, and one sentence of detail.

    Args:
        outcome: what happened.
        detail: for the person at the browser; holds no secret, may hold text from outside.
    """

    outcome: Outcome
    detail: str = ""

    def to_json(self) -> bytes:
        """Return the verdict as the relay receives it."""
        return json.dumps({"outcome": self.outcome, "detail": self.detail}).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Verdict:
        """Return the verdict that a listener sent.

        Args:
            body: what ``to_json`` made.

        Raises:
            ValueError: anything else.
        """
        try:
            members = json.loads(body)
            return cls(outcome=Outcome(members["outcome"]), detail=str(members["detail"]))
        except (KeyError, TypeError, RecursionError):
            raise ValueError("not a verdict") from None
