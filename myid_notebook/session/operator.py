"""The person who signed in."""

from __future__ import annotations

from dataclasses import dataclass

from myid_notebook.untrusted_text import cut, one_line


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Operator:
    """The person a token stands for; MyID calls its users operators.

    Args:
        id: the person's MyID id (the token's ``sub``), as it came; None where the token does not
            say.
        name: full name, or what stands for it, such as "the client myid.notebook"; None where MyID
            did not tell it.
    """

    id: str | None
    name: str | None = None

    def __str__(self) -> str:
        user = f"the user with id {_shown(self.id)}" if _shown(self.id) else "an unnamed user"
        return _shown(self.name) or user

    def __repr__(self) -> str:
        return f"Operator(id={_shown(self.id)!r}, name={_shown(self.name)!r})"


def _shown(text: str | None) -> str | None:
    # Whoever makes the token decides over its subject; it is shown in notebooks and terminals.
    return None if text is None else cut(one_line(text))
