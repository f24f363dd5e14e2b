"""The client secret from the operating system's keyring, through the ``keyring`` library."""

from __future__ import annotations

import contextlib
from importlib import import_module

KEYRING_SERVICE = "myid-notebook"
"""The service name under which the keyring holds client secrets; the user name is the client id."""


def keyring_secret(client_id: str) -> str | None:
    """Return the client secret the keyring holds; None without one, or without the library.

    Args:
        client_id: as registered at MyID.
    """
    # keyring is optional, and its backends raise what they like.
    with contextlib.suppress(Exception):
        secret = import_module("keyring").get_password(KEYRING_SERVICE, client_id)
        return secret if isinstance(secret, str) else None
    return None
