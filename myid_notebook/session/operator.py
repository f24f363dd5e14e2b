"""Who signed in: a person, or the client itself."""

from __future__ import annotations

from dataclasses import dataclass

from myid_notebook.untrusted_text import cut, one_line


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Operator:
    """The person a token stands for; MyID calls its users operators.

    Args:
        id: the person's MyID id (the token's ``sub``), as it came; None where the token does not
            say.
        name: full name; None where MyID did not tell it.
        client_id: of the client that signed in without a person; None for a person.
    """

    id: str | None
    name: str | None = None
    client_id: str | None = None

    def __str__(self) -> str:
        if name := _shown(self.name):
            return name
        if client := _shown(self.client_id):
            return cut(f"the client {client}")
        user = _shown(self.id)
        return cut(f"the user with id {user}") if user else "an unnamed user"

    def __repr__(self) -> str:
        client = "" if self.client_id is None else f", client_id={_shown(self.client_id)!r}"
        return f"Operator(id={_shown(self.id)!r}, name={_shown(self.name)!r}{client})"


def _shown(text: str | None) -> str | None:
    # Whoever makes the token decides over its subject; it is shown in notebooks and terminals.
    return None if text is None else cut(one_line(text))
