"""A string that does not show itself."""

from __future__ import annotations

from typing import NoReturn, Self, SupportsIndex

NO_COPIES = (
    "Nothing secret of a MyID sign-in can be pickled or copied, for it must not leave this "
    "process. Sign in where it is needed, or pass on the data instead."
)
"""What whoever tries to store a secret, or an object that holds one, is told."""


class Secret(str):
    """A string whose ``repr`` is a row of asterisks, and which no file gets.

    Everything secret in this package (client secret, code, verifier, token, ``Authorization``
    value) is held as one, because ``repr`` is what tracebacks, ``%config``, rich displays,
    containers and dataclasses show. Its text is still an ordinary string for the code that sends
    it, so ``requests`` and ``urllib.parse`` take it as it is.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(NO_COPIES)
