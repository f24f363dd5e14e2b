"""Where the client secret comes from when no setting gives it."""

from __future__ import annotations

from getpass import getpass

from myid_notebook.kernel.front_end import current_shell, has_a_person
from myid_notebook.settings.keyring_secret import keyring_secret


def find_client_secret(client_id: str) -> str | None:
    """Return the client secret from the keyring, or from a hidden prompt.

    Args:
        client_id: as registered at MyID.

    Returns:
        The secret, empty for a public client; None where there is nobody to ask.
    """
    secret = keyring_secret(client_id)
    if secret is not None:
        return secret
    if not has_a_person(current_shell()):
        return None
    return getpass(f"Client secret of {client_id} (hidden; empty if it has none): ").strip()
