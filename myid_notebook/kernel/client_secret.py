"""Where the client secret comes from when no setting gives it."""

from __future__ import annotations

import contextlib
from getpass import getpass
from importlib import import_module

from myid_notebook.kernel.front_end import current_shell, has_a_person

KEYRING_SERVICE = "myid-notebook"
"""The service name under which the keyring holds client secrets; the user name is the client id."""


def find_client_secret(client_id: str) -> str | None:
    """Return the client secret from the keyring, or from a hidden prompt.

    Args:
        client_id: as registered at MyID.

    Returns:
        The secret, empty for a public client; None where there is nobody to ask.
    """
    secret = _from_keyring(client_id)
    if secret is not None:
        return secret
    if not has_a_person(current_shell()):
        return None
    return getpass(f"Client secret of {client_id} (hidden; empty if it has none): ").strip()


def _from_keyring(client_id: str) -> str | None:
    # keyring is optional, and its backends raise what they like.
    with contextlib.suppress(Exception):
        secret = import_module("keyring").get_password(KEYRING_SERVICE, client_id)
        return secret if isinstance(secret, str) else None
    return None
