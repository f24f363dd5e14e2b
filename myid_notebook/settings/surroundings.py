"""What stands around a value and does not belong to it."""

from __future__ import annotations


def without_surroundings(value: str) -> str:
    """Return a value without the blanks, line ends and byte order mark around it.

    Files and clipboards add them, and MyID compares a secret byte by byte.

    Args:
        value: of an environment variable, a configuration, a keyring, or typed.
    """
    while (bare := value.strip().strip("\ufeff")) != value:
        value = bare
    return value
