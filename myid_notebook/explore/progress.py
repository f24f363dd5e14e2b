"""One line that shows how far a long call is; it changes in place."""

from __future__ import annotations

import sys
import time
import uuid
from html import escape

from myid_notebook.front_end import current_shell, is_kernel, publish, writable
from myid_notebook.untrusted_text import one_line

SHOW_AFTER = 1.0
"""Seconds before the line appears: a short call needs none."""

INTERVAL = 0.5
"""Seconds between changes."""


class Progress:
    """A line in a notebook or on a terminal; nothing where the output goes into a file."""

    def __init__(self) -> None:
        self._begun = self._changed = time.monotonic()
        self._display_id = uuid.uuid4().hex
        self._in_notebook = is_kernel(current_shell())
        self._on_terminal = not self._in_notebook and sys.stderr is not None and sys.stderr.isatty()
        self._shown = False

    @property
    def is_seen(self) -> bool:
        """Whether the line appears anywhere."""
        return self._in_notebook or self._on_terminal

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._begun

    @property
    def elapsed(self) -> str:
        """The time since the start in words, such as "3 min 12 s"."""
        return in_words(self.seconds)

    def show(self, text: str, *, now: bool = False) -> None:
        """Change the line, unless it changed just before."""
        due = self._changed + (INTERVAL if self._shown else SHOW_AFTER)
        if now or time.monotonic() >= due:
            self._write(text)

    def end(self, text: str) -> None:
        """Show the last text, if the line has appeared before."""
        if self._shown:
            self._write(text)
            if self._on_terminal:
                sys.stderr.write("\n")

    def _write(self, text: str) -> None:
        text = one_line(text)  # there may be a path in it, and that may come from MyID
        if self._in_notebook:
            bundle = {"text/plain": text, "text/html": f"<div>{escape(text)}</div>"}
            publish(bundle, display_id=self._display_id, update=self._shown)
        elif self._on_terminal:
            sys.stderr.write(f"\r\x1b[K{writable(text, sys.stderr.encoding)}")
            sys.stderr.flush()
        self._changed = time.monotonic()
        self._shown = True


def in_words(seconds: float) -> str:
    """Return a duration, such as "12 s", "3 min 12 s" or "1 h 4 min"."""
    if seconds < 1:
        return "less than a second"
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
