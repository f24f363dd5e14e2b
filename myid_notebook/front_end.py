"""The front end: a Jupyter kernel, a terminal or plain Python; detect it, show something in it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sys
import threading
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


def say(line: str) -> None:
    """Print a line below the cell that runs."""
    print(writable(line, getattr(sys.stdout, "encoding", None)))  # noqa: T201 - as it says


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
