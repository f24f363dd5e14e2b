"""One check of the doctor, what it is given, and how long it may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from myid_notebook.threads import run_in_thread


class Finding(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at.

    Args:
        detail: what was seen; holds no secret.
        remedy: what to do, and who can; empty where nothing is to be done.
    """

    subject: str
    finding: Finding
    detail: str
    remedy: str = ""


def ok(subject: str, detail: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(subject=subject, finding=Finding.OK, detail=detail)


def note(subject: str, detail: str, remedy: str = "") -> Check:
    """Return a check that found something to know, which need not be wrong.

    Args:
        remedy: what to do, if it matters.
    """
    return Check(subject=subject, finding=Finding.NOTE, detail=detail, remedy=remedy)


def wrong(subject: str, detail: str, remedy: str) -> Check:
    """Return a check that found what will make a sign-in fail.

    Args:
        remedy: what to do, and who can.
    """
    return Check(subject=subject, finding=Finding.WRONG, detail=detail, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a sign-in would happen, and with what settings.

    Args:
        options: setting name to value, as given with the command.
        configuration: trait name to value, from IPython's configuration.
        in_kernel: whether a Jupyter kernel asks, and not a terminal.
    """

    options: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    environ: Mapping[str, str] = field(repr=False)
    configuration: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    in_kernel: bool = False


T = TypeVar("T")

CHECK_TIMEOUT = 10.0
"""Seconds to wait for each thing that is asked; a report asks at most five."""


def within_check_timeout(call: Callable[[], T]) -> T:
    """Return what a call returns, or give it up.

    It runs in a daemon thread of its own: what an interrupt shows are then no frames of the call,
    which may hold what it sends, and nothing that hangs for ever keeps anybody.

    Raises:
        TimeoutError: it took longer than ``CHECK_TIMEOUT``; it goes on, unheard.
        SignInFailed: this process can start no thread any more.
    """
    return run_in_thread(call, name="myid-doctor").result(CHECK_TIMEOUT)
