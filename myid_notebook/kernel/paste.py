"""Asking for the address of the page the browser ended on."""

from __future__ import annotations

import getpass

from myid_notebook.errors import RedirectRefused
from myid_notebook.kernel.interruption import interrupted
from myid_notebook.kernel.view import publish
from myid_notebook.login import Login
from myid_notebook.login.endings import cancelled
from myid_notebook.secret import Secret

PROMPT = "Paste the address of the page the browser ended on (it stays hidden), then Enter: "


MAX_ATTEMPTS = 10
"""Addresses that are asked for before giving up."""


def ask_for_address(login: Login) -> None:
    """Ask until the sign-in has ended; what is refused is asked for again, a few times.

    The prompt is a hidden one: front ends write what is typed into a plain prompt into the
    notebook, and the address holds the code.

    Args:
        login: pending.

    Raises:
        SignInInterrupted: the user interrupted the kernel, while typing or while the code was
            exchanged, or ended the prompt (Ctrl-D); the sign-in has ended.
        RedirectRefused: no address was right; the sign-in has ended.
    """
    for _ in range(MAX_ATTEMPTS):
        if login.done:
            return
        if not _asked_once(login):
            raise interrupted(login)  # outside the handler: its frames hold the address
    if not login.done:
        login.cancel(cancelled())
        raise RedirectRefused(
            f"None of {MAX_ATTEMPTS} addresses was the right one; the sign-in has ended. Run "
            "%myid_login --paste to start another."
        )


def _asked_once(login: Login) -> bool:
    try:
        # By its module: a kernel replaces the function there while it executes a cell.
        address = Secret(getpass.getpass(PROMPT))
        if address.strip():
            login.paste(address)
    except RedirectRefused as refused:
        publish({"text/plain": str(refused)})
    except (KeyboardInterrupt, EOFError):
        return False
    return True
