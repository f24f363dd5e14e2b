"""Where a sign-in stands."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Where a sign-in stands; it moves downwards only, and ends in one of the last two."""

    WAITING = "waiting for the redirect"
    EXCHANGING = "exchanging the code for a token"
    SIGNED_IN = "signed in"
    FAILED = "ended without a token"

    @property
    def pending(self) -> bool:
        """Whether the sign-in can still end either way."""
        return self in {Phase.WAITING, Phase.EXCHANGING}
