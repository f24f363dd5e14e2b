"""What a notebook shows of a session: a small card, which inherits its colours."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from myid_notebook.session.session import with_force
from myid_notebook.session.state import SessionState, Standing, clock_time, in_minutes, state_of

if TYPE_CHECKING:
    from myid_notebook.explore.session import MyIDSession

_CELL = 'style="text-align:left;white-space:normal"'


def as_html(session: MyIDSession) -> str:
    """Return who is signed in where and for how long, and what to do next."""
    state = state_of(session.bearer, session.operator)
    # The classes keep MathJax from reading $…$ in a name as a formula.
    rows = "".join(
        f'<tr><th scope="row" {_CELL}>{escape(label)}</th><td {_CELL}>{words}</td></tr>'
        for label, words in _rows(session, state)
    )
    return f'<div class="tex2jax_ignore mathjax_ignore"><table><tbody>{rows}</tbody></table></div>'


def time_left(state: SessionState) -> str:
    """Return how long a token is still valid and until when; "unknown" if MyID did not say."""
    if state.seconds_left is None or state.expires_at is None:
        return "unknown"
    return f"{in_minutes(state.seconds_left)} (until {clock_time(state.expires_at)})"


def _rows(session: MyIDSession, state: SessionState) -> list[tuple[str, str]]:
    """Return labels as text and contents as HTML."""
    line = session.pending
    pending = [("Sign-in", escape(line))] if line else []
    server = ("Server", escape(session.api_url))
    again = session.command
    if state.standing is Standing.SIGNED_IN:
        who = [("Signed in as", escape(str(state.operator)))]
        if not session.show_rows or state.operator is None:
            who = []
        renew = f"{_code(again)} when it has expired; now: {_code(with_force(again))}"
        if state.given_by:
            renew = f"replace the token in {escape(state.given_by)}, then {_code(again)}"
        words = [("MyID session", escape(state.in_words))] if state.given_by or not who else []
        return [
            *words,
            *who,
            server,
            ("Time left", escape(time_left(state))),
            ("To renew", renew),
            ("To sign out", _code(_sign_out(again))),
            *pending,
        ]
    if pending and state.standing is Standing.NOT_SIGNED_IN:
        return [("MyID session", escape(line)), server]
    rows = [("MyID session", escape(state.in_words)), server]
    if pending:
        return [*rows, *pending]
    if state.given_by:
        return [*rows, ("To sign in", escape(session.bearer.remedy))]
    return [*rows, ("To sign in", f"{_code(again)}; this session will then work as before")]


def _sign_out(command: str) -> str:
    is_magic = command.startswith("%")
    return command.partition(" --")[0].replace("login", "logout", 1) if is_magic else ".sign_out()"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
