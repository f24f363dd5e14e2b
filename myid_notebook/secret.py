"""A string that does not show itself."""

from __future__ import annotations


class Secret(str):
    """A string whose ``repr`` is a row of asterisks.

    Everything secret in this package (client secret, code, verifier, token, ``Authorization``
    value) is held as one, because ``repr`` is what tracebacks, ``%config``, rich displays,
    containers and dataclasses show. Its text is still an ordinary string for the code that sends
    it, so ``requests`` and ``urllib.parse`` take it as it is.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"
