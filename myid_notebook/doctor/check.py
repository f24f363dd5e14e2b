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
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report.

    Args:
        detail: what was found; holds no secret.
        remedy: what to do, and who can do it; may be empty.
        certain: whether a sign-in fails because of it even if a browser reaches MyID in another
            way than this process.
    """

    subject: str
    finding: Finding
    detail: str
    remedy: str = ""
    certain: bool = False


def ok(subject: str, detail: str) -> Check:
    """Return the result of a check that found no problem."""
    return Check(subject=subject, finding=Finding.OK, detail=detail)


def note(subject: str, detail: str, remedy: str = "") -> Check:
    """Return the result of a check that found something to know, which may be intended."""
    return Check(subject=subject, finding=Finding.NOTE, detail=detail, remedy=remedy)


def wrong(subject: str, detail: str, remedy: str, *, certain: bool = False) -> Check:
    """Return the result of a check that found why a sign-in will fail."""
    return Check(
        subject=subject, finding=Finding.WRONG, detail=detail, remedy=remedy, certain=certain
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
