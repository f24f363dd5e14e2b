"""What a session shows of itself: who, for how long, and whether it still works."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from myid_notebook.session.bearer import BearerAuth
from myid_notebook.session.operator import Operator

_HOURS_FROM = 120
"""Minutes above which a duration is told in hours."""

_ZONE_LENGTH = 5
"""Characters of the longest abbreviation of a time zone; Windows has names of several words."""


class Standing(StrEnum):
    """Whether a session works, and why not."""

    SIGNED_IN = "signed in"
    EXPIRED = "expired"
    REFUSED = "no longer accepted by MyID"
    SIGNED_OUT_ELSEWHERE = "signed out in another notebook"
    NOT_SIGNED_IN = "not signed in"


class SessionState(NamedTuple):
    """A session at one moment.

    Args:
        standing: whether it works.
        operator: the person who signed in; None when nobody has.
        seconds_left: until the token expires, at least 0; None if unknown.
        expires_at: when that is, in local time; None if unknown.
        given_by: the setting that holds the token; empty if it comes from a sign-in.
    """

    standing: Standing
    operator: Operator | None = None
    seconds_left: float | None = None
    expires_at: datetime | None = None
    given_by: str = ""

    @property
    def in_words(self) -> str:
        """Whether the session works, and with which token if that is a setting's."""
        if not self.given_by:
            return str(self.standing)
        if self.standing is not Standing.SIGNED_IN:
            return f"{self.standing} (the token in {self.given_by})"
        checked = self.operator is not None and self.operator.name is not None
        return f"using the token in {self.given_by}{'' if checked else ' (not checked)'}"


def state_of(bearer: BearerAuth, operator: Operator | None) -> SessionState:
    """Return the state of a session.

    Args:
        operator: of the session; None if its token alone says who signed in.
    """
    token = bearer.token  # read once, because another thread may sign out meanwhile
    if token is None:
        return SessionState(standing=Standing.NOT_SIGNED_IN)
    why = bearer.why_withdrawn(token)
    if why == "logout":
        standing = Standing.SIGNED_OUT_ELSEWHERE
    elif why or bearer.is_refused(token):
        standing = Standing.REFUSED
    else:
        standing = Standing.SIGNED_IN if bearer.accepts(token) else Standing.EXPIRED
    given_by = bearer.given_by
    operator = operator or Operator(id=token.subject)
    if given_by and operator.name is None:  # anybody can write an id into a token
        operator = None
    return SessionState(
        standing=standing,
        operator=operator,
        given_by=given_by,
        seconds_left=bearer.left_of(token),
        expires_at=local_time(token.expires_at),
    )


def local_time(moment: float | None) -> datetime | None:
    """Return seconds since 1970 UTC as local time."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).astimezone()


def in_minutes(seconds: float, *, more: bool = False) -> str:
    """Return a duration, such as "42 minutes", "9 h 30 min" or "less than a minute".

    Args:
        more: say that it comes on top, such as "42 more minutes".
    """
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"less than {'one more' if more else 'a'} minute"
    minutes = round(seconds / 60)
    if minutes <= _HOURS_FROM:
        return f"{minutes} {'more ' if more else ''}minute{'s' if minutes > 1 else ''}"
    hours = f"{minutes // 60} h {minutes % 60} min".removesuffix(" 0 min")
    return f"{hours} more" if more else hours


def clock_time(moment: datetime) -> str:
    """Return a local time with its zone, and with the date if that is another day than today."""
    # A zone, because the kernel's may be another one than that of the browser.
    zone = moment.tzname() or ""
    if not zone.isalpha() or len(zone) > _ZONE_LENGTH:
        offset = f"{moment:%z}"
        zone = f"UTC{offset[:3]}:{offset[3:5]}"
    today = datetime.now(moment.tzinfo).date() == moment.date()
    return f"{moment:%H:%M} {zone}" if today else f"{moment:%Y-%m-%d %H:%M} {zone}"
