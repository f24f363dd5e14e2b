"""Who signed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The person a token stands for; MyID calls whoever uses it an operator.

    Args:
        id: the person's MyID id (the token's ``sub``); None where the token does not say.
        name: full name; None where MyID did not tell it.
    """

    id: str | None
    name: str | None = None

    def __str__(self) -> str:
        return self.name or self.id or "an unnamed operator"
