"""What stands around a value and does not belong to it."""

from __future__ import annotations

import re

_AROUND = re.compile(r"\A[\s\ufeff]+|[\s\ufeff]+\Z")


def without_surroundings(value: str) -> str:
    """Return a value without the blanks, line ends and byte order mark around it.

    Files and clipboards add them, and MyID compares a secret byte by byte.

    Args:
        value: of an environment variable, a configuration, a keyring, or typed.
    """
    return _AROUND.sub("", value)
