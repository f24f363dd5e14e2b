"""The state of a session: who signed in, for how long, and whether it still works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from myid_notebook.session.bearer import Standing
from myid_notebook.untrusted_text import cut, one_line

if TYPE_CHECKING:
    from myid_notebook.session.session import BearerSession


_ZONE_LENGTH = 5
"""Characters of the longest abbreviation of a time zone; Windows has names of several words."""


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
    # The subject of a token may be any text, and is shown in notebooks and terminals.
    return None if text is None else cut(one_line(text))


class SessionState(NamedTuple):
    """A session at one moment.

    Args:
        operator: the person who signed in; None when nobody has.
        seconds_left: until the token expires, at least 0; None if unknown.
        expires_at: when that is, in local time; None if unknown.
        from_setting: the setting that holds the token; empty if it comes from a sign-in.
        read_only: whether the session refuses what may change something.
        renews: whether the token is renewed while the session is used; nobody knows for how long.
    """

    standing: Standing
    operator: Operator | None = None
    seconds_left: float | None = None
    expires_at: datetime | None = None
    from_setting: str = ""
    read_only: bool = False
    renews: bool = False


def state_of(session: BearerSession) -> SessionState:
    """Return the state of a session."""
    bearer = session.bearer
    token = bearer.token  # read once, because another thread may sign out meanwhile
    if token is None:
        return SessionState(standing=Standing.NOT_SIGNED_IN)
    from_setting = bearer.from_setting
    operator = session.operator or Operator(id=token.subject)
    proven = not from_setting or operator.name is not None  # anybody can write an id into a token
    return SessionState(
        standing=bearer.standing_of(token),
        operator=operator if proven else None,
        from_setting=from_setting,
        seconds_left=bearer.left_of(token),
        expires_at=local_time(token.expires_at),
        read_only=session.read_only,
        renews=bearer.renews,
    )


def local_time(moment: float | None) -> datetime | None:
    """Return seconds since 1970 UTC as local time."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).astimezone()


def clock_time(moment: datetime) -> str:
    """Return a local time with its zone, and with the date if that is another day than today."""
    # A zone, because the kernel's may be another one than that of the browser.
    zone = moment.tzname() or ""
    if not zone.isalpha() or len(zone) > _ZONE_LENGTH:
        offset = f"{moment:%z}"
        zone = f"UTC{offset[:3]}:{offset[3:5]}"
    today = datetime.now(moment.tzinfo).date() == moment.date()
    return f"{moment:%H:%M} {zone}" if today else f"{moment:%Y-%m-%d %H:%M} {zone}"
