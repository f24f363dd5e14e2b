"""Who signed in."""

from __future__ import annotations

from dataclasses import dataclass

from myid_notebook.oauth.outside_text import outside_text


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
        # Both come from outside; what is shown of them must not look like anything else.
        said = outside_text(self.name or "") or outside_text(self.id or "")
        return said or "an unnamed operator"
