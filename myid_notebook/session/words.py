"""A session in words: who is signed in, where, for how long, and what to do next.

With ``show_rows`` 0 none of these texts names a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from myid_notebook.html_table import Markup, html_table, without_formulas
from myid_notebook.session.bearer import Standing
from myid_notebook.session.session import BearerSession
from myid_notebook.session.state import SessionState, clock_time, state_of
from myid_notebook.settings.messages import with_commas
from myid_notebook.settings.urls import host_and_port

_RENEWS = "renews itself while you use it"
"""Nobody knows how long: a token response does not say how long its refresh token lives."""

_HOURS_FROM = 120
"""Minutes above which a duration is told in hours."""


def representation(session: BearerSession, pending: str) -> str:
    """Return what ``repr`` shows.

    Args:
        pending: how a pending sign-in of the session stands; empty without one.
    """
    state = state_of(session)
    words = _standing(state)
    if state.standing is Standing.SIGNED_IN and state.operator is not None:
        words += _as_whom(session, state)
        if state.renews:
            words += ", renews itself"
        elif state.seconds_left is not None:
            words += f", {in_minutes(state.seconds_left)} left"
    pending = re.split("[:.…]", pending)[0]  # without the time left and what to do
    if pending:
        pending = pending[:1].lower() + pending[1:]
        words = pending if state.standing is Standing.NOT_SIGNED_IN else f"{words}; {pending}"
    return f"<{type(session).__name__} {session.api_url}: {words}>"


def card(session: BearerSession, pending: str) -> str:
    """Return what a notebook shows of a session, as HTML.

    Args:
        pending: as for ``representation``.
    """
    return without_formulas(html_table(_rows_of_card(session, state_of(session), pending)))


def _rows_of_card(session: BearerSession, state: SessionState, line: str) -> list[tuple[str, str]]:
    again, server = session.bearer.command, ("Server", session.api_url)
    pending = [("Sign-in", line)] if line else []
    if state.standing is Standing.SIGNED_IN:
        name = _who(session, state)
        who = [("Signed in as", name)] if name else []
        renew = f"{_code(again)} when it has expired; now: {_code(with_force(again))}"
        if state.renews:
            renew = f"renews itself while you use it; to sign in anew: {_code(with_force(again))}"
        if state.from_setting:
            renew = f"replace the token in {escape(state.from_setting)}, then {_code(again)}"
        return [
            *([("MyID session", _standing(state))] if state.from_setting or not who else []),
            *who,
            server,
            *([("Read-only", "only GET, HEAD and OPTIONS are sent")] if state.read_only else []),
            *([] if state.renews else [("Time left", _time_left(state))]),
            ("To renew", Markup(renew)),
            ("To sign out", _code(_sign_out(again))),
            *pending,
        ]
    if pending and state.standing is Standing.NOT_SIGNED_IN:
        return [("MyID session", line), server]
    rows = [("MyID session", _standing(state)), server]
    if pending:
        return [*rows, *pending]
    if state.from_setting:
        return [*rows, ("To sign in", session.bearer.remedy)]
    return [*rows, ("To sign in", Markup(f"{_code(again)}; this session will then work as before"))]


def status(session: BearerSession) -> tuple[str, str, str, str]:
    """Return who, where, the time left, and whether the session works, for a table."""
    state = state_of(session)
    words, left = _standing(state), ""
    if state.standing is Standing.SIGNED_IN:
        left = _time_left(state)
    elif state.standing is not Standing.RENEWABLE:
        bearer = session.bearer
        words += f". {bearer.remedy}" if state.from_setting else f"; run {bearer.command}"
    return _who(session, state), session.api_url, left, words


def signed_in_line(session: BearerSession, *, origin: str = "") -> str:
    """Return who is signed in, where and for how long.

    Args:
        origin: where the session comes from, such as "from before the restart"; empty for a new
            sign-in.
    """
    state = state_of(session)
    # A token that has expired within a moment is a sign-in all the same.
    words = _standing(state if state.from_setting else state._replace(standing=Standing.SIGNED_IN))
    where = host_and_port(session.api_url)
    line = f"{words[:1].upper()}{words[1:]}{_as_whom(session, state)} at {where}"
    if state.renews:
        line += f"; {_RENEWS}"
    elif state.seconds_left is not None and state.expires_at is not None:
        line += f" for {in_minutes(state.seconds_left, more=bool(origin))}"
        line += "" if origin else f" (until {clock_time(state.expires_at)})"
    return f"{line} ({origin})" if origin else line


def still_line(name: str, session: BearerSession) -> str:
    """Return that an earlier sign-in still works although a new one failed."""
    state = state_of(session)
    left = "" if state.seconds_left is None else f" for {in_minutes(state.seconds_left, more=True)}"
    if state.renews:
        left = f"; it {_RENEWS}"
    where = host_and_port(session.api_url)
    return f"Your session {name} still works at {where}{_as_whom(session, state)}{left}."


def differs_line(differing: Sequence[str]) -> str:
    """Return why a new sign-in is needed although the session is still valid."""
    verb = "differs from that" if len(differing) == 1 else "differ from those"
    return (
        f"You are signed in, but the {with_commas(differing)} {verb} of your current session. It "
        "keeps working until you have signed in again."
    )


def later_line(session: BearerSession, later: Sequence[str]) -> str:
    """Return that settings count at the next sign-in only, and how to sign in now."""
    return (
        f"You are still signed in, so the {with_commas(later)} of this call will be used at the "
        f"next sign-in. To sign in again now: {with_force(session.bearer.command)}"
    )


def ends_line(session: BearerSession, seconds: float) -> str:
    """Return that a session ends soon, and how to renew it.

    Args:
        seconds: that are left.
    """
    if session.bearer.from_setting:
        return f"The token in {session.bearer.from_setting} expires in {in_minutes(seconds)}."
    renew = with_force(session.bearer.command)
    return f"Your MyID session ends in {in_minutes(seconds)}. To renew it now: {renew}"


def with_force(command: str) -> str:
    """Return the command that signs in again although the token is still valid.

    Args:
        command: of a session; a magic, or a call.
    """
    call = command.removesuffix(")")
    if call == command:
        return f"{command} --force"
    return f"{call}{'' if call.endswith('(') else ', '}force=True)"


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


def _standing(state: SessionState) -> str:
    """Return whether the session works, and with which token if that is a setting's."""
    words, marks, token = str(state.standing), [], f"the token in {state.from_setting}"
    signed_in = state.standing is Standing.SIGNED_IN
    if state.from_setting and signed_in:
        words = f"using {token}"
        if state.operator is None or state.operator.name is None:
            marks.append("not checked")
    elif state.from_setting:
        marks.append(token)
    if state.read_only and signed_in:
        marks.append("read-only")
    return f"{words} ({', '.join(marks)})" if marks else words


def _who(session: BearerSession, state: SessionState) -> str:
    return str(state.operator) if session.show_rows and state.operator is not None else ""


def _as_whom(session: BearerSession, state: SessionState) -> str:
    who = _who(session, state)
    return f" as {who}" if who else ""


def _time_left(state: SessionState) -> str:
    if state.renews:
        return _RENEWS
    if state.seconds_left is None or state.expires_at is None:
        return "unknown"
    return f"{in_minutes(state.seconds_left)} (until {clock_time(state.expires_at)})"


def _sign_out(command: str) -> str:
    is_magic = command.startswith("%")
    return command.partition(" --")[0].replace("login", "logout", 1) if is_magic else ".sign_out()"


def _code(text: str) -> Markup:
    return Markup(f"<code>{escape(text)}</code>")
