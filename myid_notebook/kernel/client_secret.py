"""The prompt for the client secret, where nothing else gives it."""

from __future__ import annotations

import getpass

from myid_notebook.errors import SignInInterrupted
from myid_notebook.kernel.front_end import current_shell, has_a_person
from myid_notebook.kernel.interruption import INTERRUPTED
from myid_notebook.secret import Secret


def ask_for_secret(client_id: str) -> Secret | None:
    """Return the client secret from a hidden prompt.

    Args:
        client_id: as registered at MyID.

    Returns:
        The secret, empty for a public client; None where there is nobody to ask.

    Raises:
        SignInInterrupted: the user interrupted the prompt, or ended it (Ctrl-D).
    """
    if not has_a_person(current_shell()):
        return None
    prompt = f"Client secret of {client_id} (hidden; empty if it has none): "
    try:
        # By its module: a kernel replaces the function there while it executes a cell.
        return Secret(getpass.getpass(prompt))
    except (KeyboardInterrupt, EOFError):
        pass
    raise SignInInterrupted(INTERRUPTED)
