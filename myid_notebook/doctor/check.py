"""The checks of the doctor: their results, their input and their time limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from myid_notebook.threads import run_in_thread


class Finding(StrEnum):
    """The result of a check."""

    OK = "ok"
    NOTE = "note"
    WRONG = "problem"


class Cause(StrEnum):
    """Why a check found what it found, as far as a conclusion needs it."""

    SETTINGS = "settings are missing or malformed"
    UNREACHABLE = "no response"
    NOT_STARTED = "MyID's web.oauth2 does not start"
    SERVER_FAULT = "the server fails"
    OTHER_SERVER = "the response is not MyID's"
    ERROR_PAGE = "MyID's error page"
    BAD_REQUEST = "MyID's error page: it knows the client, but not the redirect URI"
    SCOPE = "MyID's error page: the scope is not allowed"
    CLIENT = "the token endpoint refuses the client"
    GRANT = "the client may not use the authorization code grant"
    OTHER_PORT = "the redirect URI is at another port than this Jupyter server"
    PASTE_FOR_PORT = "the same, and nothing of the user's listens there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report.

    Args:
        detail: what was found; holds no secret.
        remedy: what to do, and who can do it; may be empty.
        certain: whether a sign-in fails because of it even if a browser reaches MyID in another
            way than this process.
        cause: what a conclusion can be made from; None if nothing.
    """

    subject: str
    finding: Finding
    detail: str
    remedy: str = ""
    certain: bool = False
    cause: Cause | None = None


def ok(subject: str, detail: str, *, cause: Cause | None = None) -> Check:
    """Return the result of a check that found no problem."""
    return Check(subject=subject, finding=Finding.OK, detail=detail, cause=cause)


def note(subject: str, detail: str, remedy: str = "", *, cause: Cause | None = None) -> Check:
    """Return the result of a check that found something to know, which may be intended."""
    return Check(subject=subject, finding=Finding.NOTE, detail=detail, remedy=remedy, cause=cause)


def wrong(
    subject: str, detail: str, remedy: str, *, cause: Cause | None = None, certain: bool = False
) -> Check:
    """Return the result of a check that found why a sign-in will fail."""
    return Check(
        subject=subject,
        finding=Finding.WRONG,
        detail=detail,
        remedy=remedy,
        cause=cause,
        certain=certain,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a sign-in would happen, and with which settings.

    Args:
        options: setting name to value, from the command.
        configuration: trait name to value, from IPython's configuration.
        in_kernel: whether the doctor runs in a Jupyter kernel, not in a terminal.
    """

    options: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    environ: Mapping[str, str] = field(repr=False)
    configuration: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    in_kernel: bool = False


T = TypeVar("T")

CHECK_TIMEOUT = 10.0
"""Seconds for each request of the doctor; a report needs at most five."""


def within_check_timeout(call: Callable[[], T]) -> T:
    """Return the result of a call, made in a daemon thread.

    In a thread, so that a call that hangs can be abandoned, and so that an interrupt shows no
    frames of the call, which may hold what it sends.

    Raises:
        TimeoutError: it took longer than ``CHECK_TIMEOUT`` and was abandoned.
        SignInFailed: the process cannot start a thread.
    """
    return run_in_thread(call, name="myid-doctor").result(CHECK_TIMEOUT)
