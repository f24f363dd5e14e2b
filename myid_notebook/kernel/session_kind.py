"""Whom a session stands for."""

from __future__ import annotations

from enum import StrEnum


class SessionKind(StrEnum):
    """How a session was signed in."""

    PERSON = "a person signed in"
    CLIENT = "the client itself (client credentials)"
    TOKEN = "a token from elsewhere"  # noqa: S105 - words

    def serves(self, asked: SessionKind) -> bool:
        """Return whether a session of this kind will do.

        Args:
            asked: what kind the user asked for.
        """
        # A token from elsewhere takes the place of a person's sign-in.
        return self is asked or (self is SessionKind.TOKEN and asked is SessionKind.PERSON)
