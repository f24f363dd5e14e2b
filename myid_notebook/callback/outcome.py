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


_SIGNED_IN = "Return to your notebook; it continues automatically. You can close this tab."
_FAILED = "The sign-in has ended. Return to your notebook and run %myid_login to start a new one."
_REFUSED = "Nothing was changed. The sign-in in your notebook is still waiting."
_ALREADY_ANSWERED = (
    "Each sign-in link works once. Nothing was changed. Your notebook shows the result."
)
_UNKNOWN = """\
The sign-in is finished or has expired, or it was started by another user or on another machine. \
Nothing was changed. If your notebook says you are signed in, close this tab. If it is still \
waiting, copy the address of this page and paste it there (run %myid_login --paste)."""
_NO_STATE = """\
MyID sends your browser here after sign-in, with a state parameter. This address has no state or \
more than one. Run %myid_login in your notebook and use its sign-in link."""
_KERNEL_GONE = """\
Its kernel was stopped or restarted after the sign-in link was created. Nobody was signed in. Run \
%myid_login again."""
_OTHER_MACHINE = """\
This Jupyter server cannot reach the notebook's kernel. Copy the address of this page and paste it \
in the notebook (run %myid_login --paste)."""
_NO_JUPYTER_LOGIN = """\
MyID's response arrived, but this browser is not signed in to Jupyter at this address, so the \
response was not passed to your notebook. The sign-in in your notebook is still waiting."""
_NOT_SERVER_OWNER = """\
MyID's response was not passed on, because your sign-in would have become that person's session. \
Nothing was changed. Sign in from a notebook on your own Jupyter server."""
_OTHER_OS_USER = """\
The response came from a program that another user of this machine runs, so it was not passed on: \
only the person who started a sign-in may finish it. Nothing was changed. If this browser is \
yours, copy the address of this page and paste it in the notebook (run %myid_login --paste)."""
_NOT_FOUND = "This address is used only for the redirect of a MyID sign-in."

TEXTS: dict[Outcome, PageText] = {
    Outcome.SIGNED_IN: PageText(HTTPStatus.OK, "✓", "Signed in to MyID", _SIGNED_IN),
    Outcome.FAILED: PageText(HTTPStatus.OK, "✕", "Not signed in", _FAILED),
    Outcome.REFUSED: PageText(HTTPStatus.BAD_REQUEST, "✕", "This response was rejected", _REFUSED),
    Outcome.ALREADY_ANSWERED: PageText(
        HTTPStatus.CONFLICT, "•", "This sign-in link was already used", _ALREADY_ANSWERED
    ),
    Outcome.UNKNOWN: PageText(
        HTTPStatus.NOT_FOUND, "?", "This sign-in link is no longer active", _UNKNOWN
    ),
    Outcome.NO_STATE: PageText(
        HTTPStatus.BAD_REQUEST, "?", "This is not a response from MyID", _NO_STATE
    ),
    Outcome.KERNEL_GONE: PageText(
        HTTPStatus.GONE, "✕", "The notebook is no longer waiting", _KERNEL_GONE
    ),
    Outcome.OTHER_MACHINE: PageText(
        HTTPStatus.CONFLICT, "?", "The notebook is on another machine", _OTHER_MACHINE
    ),
    Outcome.NO_JUPYTER_LOGIN: PageText(
        HTTPStatus.FORBIDDEN, "!", "Sign in to Jupyter in this browser first", _NO_JUPYTER_LOGIN
    ),
    Outcome.NOT_SERVER_OWNER: PageText(
        HTTPStatus.FORBIDDEN, "✕", "This is another person's Jupyter server", _NOT_SERVER_OWNER
    ),
    Outcome.OTHER_OS_USER: PageText(
        HTTPStatus.FORBIDDEN, "✕", "This response came from another user", _OTHER_OS_USER
    ),
    Outcome.NOT_FOUND: PageText(HTTPStatus.NOT_FOUND, "?", "Page not found", _NOT_FOUND),
}
"""What the page says for each outcome."""
