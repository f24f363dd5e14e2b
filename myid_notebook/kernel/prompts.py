"""Hidden prompts: the client secret, and the address of the page after sign-in.

Hidden, because front ends write what is typed into a plain prompt into the notebook.
"""

from __future__ import annotations

import _thread
import contextlib
import getpass
import signal
import sys
import threading
import time
from concurrent.futures import Future

from myid_notebook.errors import NobodyToSignIn, RedirectRefused, SettingError
from myid_notebook.front_end import current_shell, publish
from myid_notebook.kernel.audience import can_prompt, has_a_person
from myid_notebook.kernel.waiting import interrupted
from myid_notebook.secret import Secret
from myid_notebook.sign_in.messages import cancelled
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import on_interrupt

PASTE_PROMPT = "Paste the address of the page after sign-in (input hidden), then press Enter: "

_ONLY_A_CELL = (
    "No client secret is set, and only a cell can prompt for it. Sign in in a cell, or set "
    "MYID_CLIENT_SECRET."
)
_NO_PASTE = (
    "The address of the page after sign-in is to be pasted, but only a cell can prompt for it. "
    "Sign in in a cell."
)

SIGNAL_DELAY = 0.1
"""Seconds that a signal to this process may take."""

MAX_PASTE_ATTEMPTS = 10
"""Addresses that are asked for before the sign-in is ended."""


def prompt_for_address(sign_in: SignIn) -> None:
    """Prompt for the address until the sign-in has ended; a refused one is asked for again.

    Args:
        sign_in: pending.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel, while typing or while the code was
            exchanged, or ended the prompt (Ctrl-D).
        RedirectRefused: no address was right; the sign-in has ended.
        NobodyToSignIn: only a cell can prompt; the sign-in is still pending.
    """
    if not can_prompt(current_shell()):
        raise NobodyToSignIn(_NO_PASTE)
    for _ in range(MAX_PASTE_ATTEMPTS):
        if sign_in.finished.done():
            return
        if not _prompt_once(sign_in):
            raise KeyboardInterrupt  # outside the handler: its frames hold the address
    if not sign_in.finished.done():
        sign_in.cancel(cancelled())
        raise RedirectRefused(
            f"None of the {MAX_PASTE_ATTEMPTS} addresses belongs to this sign-in, so it has ended. "
            "Sign in again to start a new one."
        )


def _prompt_once(sign_in: SignIn) -> bool:
    try:
        address = _typed(PASTE_PROMPT, sign_in.finished)
        if address.strip():
            sign_in.paste(address)
    except RedirectRefused as refused:
        publish({"text/plain": str(refused)})
    except (KeyboardInterrupt, EOFError):
        return sign_in.finished.done()
    return True


def prompt_for_secret(client_id: str) -> Secret | None:
    """Return the client secret from a prompt.

    Returns:
        The secret, empty for a public client; None if there is nobody to ask.

    Raises:
        SettingError: somebody is there, but only a cell can prompt.
        SignInInterrupted: the user interrupted the prompt, or ended it (Ctrl-D); not in a cell it
            is SignInCancelled.
    """
    if not has_a_person(current_shell()):
        return None
    if not can_prompt(current_shell()):
        raise SettingError("client_secret", _ONLY_A_CELL)
    prompt = f"Client secret of {client_id} (input hidden; leave empty for a public client): "
    try:
        return _typed(prompt, Future())
    except (KeyboardInterrupt, EOFError):
        pass
    raise interrupted()


def _typed(prompt: str, end: Future[None]) -> Secret:
    """Return what is typed.

    Args:
        end: ends the prompt, as an interrupt does.

    Raises:
        KeyboardInterrupt: the user interrupted the kernel, or ``end`` is done.
        EOFError: the user ended the prompt (Ctrl-D).
    """
    # Neither ipykernel nor getpass has a timeout, but an interrupt ends both.
    lock, prompting, withdrawn = threading.Lock(), True, False

    def withdraw(_: Future[None]) -> None:
        nonlocal withdrawn
        with lock:
            if prompting:
                withdrawn = True
                _interrupt_main_thread()

    with on_interrupt(_raise_interrupt):
        try:
            if threading.current_thread() is threading.main_thread():
                end.add_done_callback(withdraw)
            # By its module: a kernel replaces the function there while it executes a cell.
            return Secret(getpass.getpass(prompt))
        finally:
            with lock:
                prompting = False
            if withdrawn:  # the signal must arrive while the handler is still ours
                with contextlib.suppress(KeyboardInterrupt):
                    time.sleep(SIGNAL_DELAY)


def _raise_interrupt() -> None:
    raise KeyboardInterrupt


def _interrupt_main_thread() -> None:
    main = threading.main_thread().ident
    if sys.platform == "win32" or main is None:
        _thread.interrupt_main()
    else:
        signal.pthread_kill(main, signal.SIGINT)  # it ends a read of the terminal as well
