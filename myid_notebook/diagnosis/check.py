"""One line of a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at.

    Args:
        subject: what was looked at.
        finding: how it came out.
        detail: what was seen; holds no secret.
        remedy: what to do, and who can; empty where nothing is to be done.
    """

    subject: str
    finding: Finding
    detail: str
    remedy: str = ""


def ok(subject: str, detail: str) -> Check:
    """Return a check that found nothing wrong.

    Args:
        subject: what was looked at.
        detail: what was seen.
    """
    return Check(subject=subject, finding=Finding.OK, detail=detail)


def note(subject: str, detail: str, remedy: str = "") -> Check:
    """Return a check that found something to know, which need not be wrong.

    Args:
        subject: what was looked at.
        detail: what was seen.
        remedy: what to do, if it matters.
    """
    return Check(subject=subject, finding=Finding.NOTE, detail=detail, remedy=remedy)


def wrong(subject: str, detail: str, remedy: str) -> Check:
    """Return a check that found what will make a sign-in fail.

    Args:
        subject: what was looked at.
        detail: what was seen.
        remedy: what to do, and who can.
    """
    return Check(subject=subject, finding=Finding.WRONG, detail=detail, remedy=remedy)
