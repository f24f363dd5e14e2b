"""Tell whether somebody can click a link, answer a prompt or use a browser of this process."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from myid_notebook.errors import NobodyToSignIn
from myid_notebook.front_end import current_shell, is_kernel, runs_in_cell
from myid_notebook.kernel.options import LoginOptions

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class _Obstacle(NamedTuple):
    """Why nobody can click a sign-in link, and what to do; the remedy may have placeholders."""

    reason: str
    remedy: str


_STARTING = _Obstacle(
    "the kernel has not started yet, and shows nothing of its startup files",
    "Sign in in a cell. A startup file may load the magics (%load_ext myid_notebook).",
)
_CAPTURED = _Obstacle(
    "the output of this cell is captured (%%capture)", "Sign in in a cell without it."
)
_VOILA = _Obstacle(
    "Voilà shows a notebook only once its cells have ended",
    "Sign in without waiting (--no-wait, in Python wait=False): the variable works once you have "
    "signed in. Or {without_person}",
)
_APP = _Obstacle(
    "this notebook runs as an app (marimo run), in one process for everybody who opens it",
    "Open it with marimo edit to sign in. Or {without_person}",
)
_BATCH = _Obstacle(
    "this runs non-interactively (nbclient, papermill, a scheduled job or script)",
    "Instead, {without_person} If somebody is watching after all: {wait}",
)

_WITHOUT_PERSON = (
    "set MYID_ACCESS_TOKEN to an access token, or sign in as the client itself: {command}."
)


def refuse_app(options: LoginOptions) -> None:
    """Refuse a person's sign-in where everybody would use it.

    Raises:
        NobodyToSignIn: the notebook runs as an app of marimo.
    """
    if _marimo_mode() == "run":
        raise _nobody(_APP, options)


def refuse_unseen_link(options: LoginOptions) -> None:
    """Refuse a sign-in whose link nobody would see.

    Raises:
        NobodyToSignIn: it says why, and what to do.
    """
    shell = current_shell()
    if _is_starting(shell):
        failure = _nobody(_STARTING, options)
        _log_in_kernel(shell, str(failure))
        raise failure
    if not options.waits:
        return
    if _is_captured(shell):
        raise _nobody(_CAPTURED, options)
    if _is_voila(os.environ):
        raise _nobody(_VOILA, options)
    if not options.told_to_wait and not (has_a_person(shell) or _marimo_mode() == "edit"):
        raise _nobody(_BATCH, options)


def has_a_person(shell: InteractiveShell | None) -> bool:
    """Return whether a person can click a link and answer a prompt.

    nbclient and papermill execute cells without standard input; a script has no terminal.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        return bool(getattr(kernel, "_allow_stdin", True))
    return sys.stdin is not None and sys.stdin.isatty()


def can_prompt(shell: InteractiveShell | None) -> bool:
    """Return whether a prompt reaches a person now; in IPython only a cell can prompt.

    After the end of a cell, the front end takes no prompt of it.
    """
    return has_a_person(shell) and (shell is None or runs_in_cell())


def can_open_browser(shell: InteractiveShell | None) -> bool:
    """Return whether a browser opened by this process would be the user's own."""
    if is_kernel(shell) or not has_a_person(shell):
        return False
    return not (os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def _nobody(obstacle: _Obstacle, options: LoginOptions) -> NobodyToSignIn:
    credentials = options.command(option="client_credentials")
    remedy = obstacle.remedy.format(
        without_person=_WITHOUT_PERSON.format(command=credentials),
        wait=options.command(option="wait"),
    )
    return NobodyToSignIn(
        f"Nobody can click a sign-in link here, because {obstacle.reason}. {remedy}"
    )


def _is_starting(shell: InteractiveShell | None) -> bool:
    # What a startup file shows reaches no front end, and no cell runs before it has ended.
    kernel = getattr(shell, "kernel", None)
    if kernel is None or threading.current_thread() is not threading.main_thread():
        return False
    get_parent = getattr(kernel, "get_parent", None)
    return get_parent is not None and not get_parent("shell")


def _log_in_kernel(shell: InteractiveShell | None, text: str) -> None:
    # A kernel shows no error of a startup file.
    log = getattr(getattr(shell, "kernel", None), "log", None)
    if log is not None:
        log.warning("%s", text)


def _is_captured(shell: InteractiveShell | None) -> bool:
    publisher = getattr(shell, "display_pub", None)
    return type(publisher).__name__ == "CapturingDisplayPublisher"


def _is_voila(environ: Mapping[str, str]) -> bool:
    return environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _marimo_mode() -> str:
    """Return how marimo runs this notebook: ``edit``, ``run`` or ``script``; empty elsewhere."""
    marimo = sys.modules.get("marimo")
    with contextlib.suppress(Exception):  # an older one, or one that is still being imported
        if marimo is not None and marimo.running_in_notebook():
            return str(marimo.app_meta().mode)
    return ""
