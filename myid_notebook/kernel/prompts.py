"""Hidden prompts: the client secret, and the address of the page after sign-in.

Hidden, because front ends write what is typed into a plain prompt into the notebook.
"""

from __future__ import annotations

import getpass
from typing import Any

from myid_notebook.errors import RedirectRefused, SignInInterrupted
from myid_notebook.front_end import current_shell, has_a_person, publish
from myid_notebook.kernel.waiting import INTERRUPTED
from myid_notebook.secret import Secret
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn

PASTE_PROMPT = "Paste the address of the page after sign-in (input hidden), then press Enter: "

MAX_PASTE_ATTEMPTS = 10
"""Addresses that are asked for before the sign-in is ended."""


def prompt_for_address(sign_in: SignIn[Any]) -> None:
    """Prompt for the address until the sign-in has ended; a refused one is asked for again.

    Args:
        sign_in: pending.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel, while typing or while the code was
            exchanged, or ended the prompt (Ctrl-D).
        RedirectRefused: no address was right; the sign-in has ended.
    """
    for _ in range(MAX_PASTE_ATTEMPTS):
        if sign_in.finished.done():
            return
        if not _prompt_once(sign_in):
            raise KeyboardInterrupt  # outside the handler: its frames hold the address
    if not sign_in.finished.done():
        sign_in.cancel(cancelled())
        raise RedirectRefused(
            f"None of the {MAX_PASTE_ATTEMPTS} addresses belongs to this sign-in, so it has ended. "
            "Run %myid_login --paste to start a new one."
        )


def _prompt_once(sign_in: SignIn[Any]) -> bool:
    try:
        # By its module: a kernel replaces the function there while it executes a cell.
        address = Secret(getpass.getpass(PASTE_PROMPT))
        if address.strip():
            sign_in.paste(address)
    except RedirectRefused as refused:
        publish({"text/plain": str(refused)})
    except (KeyboardInterrupt, EOFError):
        return False
    return True


def prompt_for_secret(client_id: str) -> Secret | None:
    """Return the client secret from a prompt.

    Returns:
        The secret, empty for a public client; None if there is nobody to ask.

    Raises:
        SignInInterrupted: the user interrupted the prompt, or ended it (Ctrl-D).
    """
    if not has_a_person(current_shell()):
        return None
    prompt = f"Client secret of {client_id} (input hidden; leave empty for a public client): "
    try:
        # By its module: a kernel replaces the function there while it executes a cell.
        return Secret(getpass.getpass(prompt))
    except (KeyboardInterrupt, EOFError):
        pass
    raise SignInInterrupted(INTERRUPTED)
