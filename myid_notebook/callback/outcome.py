"""The outcome of a redirect, and the words of its page."""

from __future__ import annotations

import json
from enum import Enum
from http import HTTPStatus
from typing import NamedTuple, Self


class Outcome(Enum):
    """What happened to a redirect. The value travels as JSON and is the CSS class of the page.

    Attributes:
        status: HTTP status of the page.
        mark: one character shown large above the title.
        title: what happened.
        advice: what the user can do now.
    """

    _value_: str
    status: HTTPStatus
    mark: str
    title: str
    advice: str

    def __new__(cls, value: str, status: HTTPStatus, mark: str, title: str, advice: str) -> Self:
        """Return the member for a value, with the words of its page."""
        self = object.__new__(cls)
        self._value_ = value
        self.status, self.mark, self.title, self.advice = status, mark, title, advice
        return self

    SIGNED_IN = (
        "signed_in", HTTPStatus.OK, "✓", "Signed in to MyID",
        "Return to your notebook; it continues automatically. You can close this tab.",
    )  # fmt: skip
    FAILED = (
        "failed", HTTPStatus.OK, "✕", "Not signed in",
        "Return to your notebook.",  # the detail says what to do there
    )  # fmt: skip
    REFUSED = (
        "refused", HTTPStatus.BAD_REQUEST, "✕", "This response was rejected",
        "Nothing was changed. The sign-in in your notebook is still waiting.",
    )  # fmt: skip
    ALREADY_ANSWERED = (
        "already_answered", HTTPStatus.CONFLICT, "•", "This sign-in link was already used",
        "Each sign-in link works once. Nothing was changed. Your notebook shows the result.",
    )  # fmt: skip
    UNKNOWN = (
        "unknown", HTTPStatus.NOT_FOUND, "?", "This sign-in link is no longer active",
        ("The sign-in is finished or has expired, or it was started by another user or on "
         "another machine. Nothing was changed. If your notebook says you are signed in, close "
         "this tab. If it is still waiting, copy the address of this page and paste it there "
         "(run %myid_login --paste)."),
    )  # fmt: skip
    NO_STATE = (
        "no_state", HTTPStatus.BAD_REQUEST, "?", "This is not a response from MyID",
        ("MyID sends your browser here after sign-in, with a state parameter. This address has "
         "no state or more than one. Run %myid_login in your notebook and use its sign-in link."),
    )  # fmt: skip
    NOTHING_TO_DO = (
        "nothing_to_do", HTTPStatus.NOT_FOUND, "•", "Nothing to do here",
        "If you have just signed in, return to your notebook.",
    )  # fmt: skip
    KERNEL_GONE = (
        "kernel_gone", HTTPStatus.GONE, "✕", "The notebook is no longer waiting",
        ("Its kernel was stopped or restarted after the sign-in link was created. Nobody was "
         "signed in. Run %myid_login again."),
    )  # fmt: skip
    OTHER_MACHINE = (
        "other_machine", HTTPStatus.CONFLICT, "?", "The notebook is on another machine",
        ("This Jupyter server cannot reach the notebook's kernel. Copy the address of this page "
         "and paste it in the notebook (run %myid_login --paste)."),
    )  # fmt: skip
    NO_JUPYTER_LOGIN = (
        "no_jupyter_login", HTTPStatus.FORBIDDEN, "!", "Sign in to Jupyter in this browser first",
        ("MyID's response arrived, but this browser is not signed in to Jupyter at this address, "
         "so the response was not passed to your notebook. The sign-in in your notebook is still "
         "waiting."),
    )  # fmt: skip
    NOT_SERVER_OWNER = (
        "other_user", HTTPStatus.FORBIDDEN, "✕", "This is another person's Jupyter server",
        ("Nothing was passed on or changed, because your sign-in would have become that person's "
         "session. Sign in from a notebook on your own Jupyter server."),
    )  # fmt: skip
    OTHER_OS_USER = (
        "other_account", HTTPStatus.FORBIDDEN, "✕", "This response came from another user",
        ("The response came from a program that another user of this machine runs, so it was not "
         "passed on: only the person who started a sign-in may finish it. Nothing was changed. "
         "If this browser is yours, copy the address of this page and paste it in the notebook "
         "(run %myid_login --paste)."),
    )  # fmt: skip
    NOT_FOUND = (
        "not_found", HTTPStatus.NOT_FOUND, "?", "Page not found",
        "This address is used only for the redirect of a MyID sign-in.",
    )  # fmt: skip


class Verdict(NamedTuple):
    """The outcome of one redirect, and one sentence of detail.

    Args:
        detail: shown on the page; holds no secret, but may hold text sent by MyID or the browser.
    """

    outcome: Outcome
    detail: str = ""

    def to_json(self) -> bytes:
        """Return the verdict as a listener sends it to a relay."""
        return json.dumps({"outcome": self.outcome.value, "detail": self.detail}).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Verdict:
        """Return the verdict that a listener sent.

        Raises:
            ValueError: the body is anything else than what ``to_json`` returns.
        """
        try:
            members = json.loads(body)
            outcome = Outcome(members["outcome"])  # type: ignore[call-arg] # a lookup by value
            return cls(outcome=outcome, detail=str(members["detail"]))
        except (KeyError, TypeError, RecursionError):
            raise ValueError("not a verdict") from None
