"""The front end: a Jupyter kernel, a terminal or plain Python; detect it, show something in it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


_PLAIN = str.maketrans(
    {"✓": "+", "✗": "x", "•": "*", "→": "->", "…": "...", "“": '"', "”": '"', "\u2019": "'"}
)
"""Marks and quotes of this package, and what is written for them where an encoding lacks them."""


def current_shell() -> InteractiveShell | None:
    """Return the running IPython shell, or None in plain Python."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - plain Python need not have it

    shell: InteractiveShell | None = get_ipython()
    return shell


def is_kernel(shell: InteractiveShell | None) -> bool:
    """Return whether the shell runs in a Jupyter kernel, not in a terminal."""
    return getattr(shell, "kernel", None) is not None


def is_starting(shell: InteractiveShell | None) -> bool:
    """Return whether a kernel runs its startup files, before its first request.

    What they show reaches no front end, and the kernel takes no cell until they have ended.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is None or threading.current_thread() is not threading.main_thread():
        return False
    get_parent = getattr(kernel, "get_parent", None)
    return get_parent is not None and not get_parent("shell")


def log_in_kernel(shell: InteractiveShell | None, text: str) -> None:
    """Write a line to the log of a kernel, which shows no error of a startup file."""
    log = getattr(getattr(shell, "kernel", None), "log", None)
    if log is not None:
        log.warning("%s", text)


def is_captured(shell: InteractiveShell | None) -> bool:
    """Return whether ``%%capture`` keeps what is displayed."""
    publisher = getattr(shell, "display_pub", None)
    return type(publisher).__name__ == "CapturingDisplayPublisher"


def is_voila(environ: Mapping[str, str]) -> bool:
    """Return whether Voilà runs the notebook; it shows nothing before all cells have ended."""
    return environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def has_a_person(shell: InteractiveShell | None) -> bool:
    """Return whether a person can click a link and answer a prompt.

    nbclient and papermill execute cells without standard input; a script has no terminal.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        return bool(getattr(kernel, "_allow_stdin", True))
    return sys.stdin is not None and sys.stdin.isatty()


def marimo_mode() -> str:
    """Return how marimo runs this notebook: ``edit``, ``run`` or ``script``; empty elsewhere."""
    marimo = sys.modules.get("marimo")
    with contextlib.suppress(Exception):  # an older one, or one that is still being imported
        if marimo is not None and marimo.running_in_notebook():
            return str(marimo.app_meta().mode)
    return ""


def runs_in_cell() -> bool:
    """Return whether a cell called this code itself, so that a KeyboardInterrupt ends only that.

    One that leaves a task or a callback goes through the event loop, and the kernel ends.
    """
    if threading.current_thread() is not threading.main_thread():
        return False
    called_by = _nearest_caller({("IPython.core.interactiveshell", "run_code"), _CALLBACK})
    if called_by is not None:
        return called_by != _CALLBACK
    if current_shell() is not None:
        return False  # called by the event loop of a GUI, or by one that is not in Python
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        return False
    return True


_CALLBACK = ("asyncio.events", "_run")
"""The function that runs each step of a task, each callback and each timer."""


def runs_in_trio() -> bool:
    """Return whether Trio runs this coroutine, although asyncio may be running below it."""
    trio = ("trio._core._run", "unrolled_run")
    return _nearest_caller({trio, _CALLBACK}) == trio


def _nearest_caller(functions: set[tuple[str, str]]) -> tuple[str, str] | None:
    # Inspect the stack: IPython exposes no flag, and a context variable would leak into tasks.
    frame = inspect.currentframe()
    while frame is not None:
        function = (frame.f_globals.get("__name__", ""), frame.f_code.co_name)
        if function in functions:
            return function
        frame = frame.f_back
    return None


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


def publish(
    bundle: dict[str, Any],
    *,
    display_id: str | None = None,
    update: bool = False,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Show a MIME bundle in the front end, or its text in plain Python.

    Args:
        bundle: MIME type to content.
        display_id: identifies the output, so that it can be replaced.
        update: whether to replace the output with that id.
        metadata: of the output; a notebook is saved with it.
    """
    shell = current_shell()
    if not is_kernel(shell):
        encoding = getattr(sys.stdout, "encoding", None)
        bundle = {**bundle, "text/plain": writable(bundle["text/plain"], encoding)}
    if shell is None:
        print(bundle["text/plain"], flush=True)  # noqa: T201 - plain Python has no other front end
        return
    from IPython.display import display  # noqa: PLC0415 - plain Python need not have it

    extra = {} if display_id is None else {"display_id": display_id, "update": update}
    display(bundle, raw=True, metadata=metadata, **extra)  # type: ignore[no-untyped-call] # IPython's own


def writable(text: str, encoding: str | None) -> str:
    """Return a text in characters that an output can take.

    Args:
        encoding: of the output, such as ``"cp1252"`` where Windows redirects it to a file; None
            if it takes any character.
    """
    if encoding is None:
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text
