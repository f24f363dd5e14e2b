"""The outcome of a redirect, and the words of its page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple


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
    NOT_SERVER_OWNER = "other_user"
    OTHER_OS_USER = "other_account"
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


class PageText(NamedTuple):
    """The words of one page.

    Args:
        status: HTTP status of the page.
        mark: one character to see at a glance.
        title: what happened.
        advice: what to do now.
    """

    status: HTTPStatus
    mark: str
    title: str
    advice: str


_SIGNED_IN = "Go back to your notebook; it goes on by itself. You can close this tab."
_FAILED = "The sign-in has ended. Go back to your notebook and run %myid_login to start another."
_REFUSED = "Nothing was changed, and the sign-in in your notebook is still waiting."
_ALREADY_ANSWERED = "A link works once. Nothing was changed; your notebook shows how it ended."
_UNKNOWN = """\
It was already finished, it has expired, or it was started somewhere this Jupyter server cannot \
see (another user, another machine). Nothing was changed. If your notebook says you are signed in, \
close this tab. If it is still waiting, copy this page's address and paste it there (run \
%myid_login --paste)."""
_NO_STATE = """\
MyID sends the browser here at the end of a sign-in, with a state; this address has none, or more \
than one. Start in your notebook: run %myid_login and use its link."""
_KERNEL_GONE = """\
Its kernel was stopped or restarted after the link was made. Nobody was signed in. Run %myid_login \
again."""
_OTHER_MACHINE = """\
This Jupyter server cannot reach its kernel. Copy this page's address and paste it in the \
notebook: run %myid_login --paste, or press Paste there."""
_NO_JUPYTER_LOGIN = """\
MyID's answer arrived, but this browser is not signed in to Jupyter at this address, so the answer \
was not passed on. The sign-in in your notebook is still waiting."""
_NOT_SERVER_OWNER = """\
MyID's answer was not passed on: your sign-in would have become that person's session. Nothing was \
changed. Sign in from a notebook in a server of your own."""
_OTHER_OS_USER = """\
It came from a program that another user of this machine runs, so it was not passed on: a sign-in \
belongs to whoever started it. Nothing was changed. If this browser is yours all the same, copy \
this page's address and paste it in the notebook (run %myid_login --paste)."""
_NOT_FOUND = "This address only takes the answer of a MyID sign-in."

TEXTS: dict[Outcome, PageText] = {
    Outcome.SIGNED_IN: PageText(HTTPStatus.OK, "✓", "Signed in to MyID", _SIGNED_IN),
    Outcome.FAILED: PageText(HTTPStatus.OK, "✕", "Not signed in", _FAILED),
    Outcome.REFUSED: PageText(HTTPStatus.BAD_REQUEST, "✕", "This answer was refused", _REFUSED),
    Outcome.ALREADY_ANSWERED: PageText(
        HTTPStatus.CONFLICT, "•", "This sign-in was already answered", _ALREADY_ANSWERED
    ),
    Outcome.UNKNOWN: PageText(
        HTTPStatus.NOT_FOUND, "?", "No sign-in is waiting for this answer", _UNKNOWN
    ),
    Outcome.NO_STATE: PageText(
        HTTPStatus.BAD_REQUEST, "?", "This is not an answer from MyID", _NO_STATE
    ),
    Outcome.KERNEL_GONE: PageText(
        HTTPStatus.GONE, "✕", "The notebook is not waiting any more", _KERNEL_GONE
    ),
    Outcome.OTHER_MACHINE: PageText(
        HTTPStatus.CONFLICT, "?", "The notebook waits on another machine", _OTHER_MACHINE
    ),
    Outcome.NO_JUPYTER_LOGIN: PageText(
        HTTPStatus.FORBIDDEN, "!", "Sign in to Jupyter in this browser first", _NO_JUPYTER_LOGIN
    ),
    Outcome.NOT_SERVER_OWNER: PageText(
        HTTPStatus.FORBIDDEN, "✕", "This is another person's Jupyter server", _NOT_SERVER_OWNER
    ),
    Outcome.OTHER_OS_USER: PageText(
        HTTPStatus.FORBIDDEN, "✕", "This answer came from another user", _OTHER_OS_USER
    ),
    Outcome.NOT_FOUND: PageText(HTTPStatus.NOT_FOUND, "?", "There is nothing here", _NOT_FOUND),
}
"""What the page says for each outcome."""
