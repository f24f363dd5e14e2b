"""One executed cell: what it has put out so far, and how it ended."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.texts import repeated

LINK = re.compile(r"https?://\S+/connect/authorize\?\S+")
"""An authorization link within a text."""

SIGNED_IN = re.compile(
    r"Signed in as Jane Doe at [\w.\[\]:-]+ for \d+ minutes "
    r"\(until (\d{4}-\d\d-\d\d )?\d\d:\d\d [\w+:-]+\)"
)
"""What a cell says at the end; an hour before midnight with the date of tomorrow."""


@dataclass
class Outputs:
    """What a front end would show of a cell now.

    Attributes:
        text: standard output and standard error, one after the other.
        errors: name and message of what was raised.
        traceback: what was shown of it.
        displays: display id (or a running number) to MIME bundle; updated displays are replaced.
        messages: every message as it came.
        pages: what help shows in the pager.
    """

    text: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    traceback: str = ""
    displays: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    pages: str = ""

    @property
    def shown(self) -> str:
        """Everything a person can read: text, the displays' texts, the traceback."""
        plain = [str(bundle.get("text/plain", "")) for bundle in self.displays.values()]
        return "\n".join([self.text, *plain, self.traceback])

    @property
    def ever_shown(self) -> str:
        """Every text/plain and stream it ever put out, replaced ones included."""
        contents = [message["content"] for message in self.messages]
        return "\n".join(
            str(content.get("data", {}).get("text/plain", "")) + str(content.get("text", ""))
            for content in contents
        )

    @property
    def link(self) -> str:
        """The authorization link that is shown now, or empty."""
        found = LINK.search(self.shown)
        return found.group() if found else ""

    def take(self, message: dict[str, Any]) -> None:
        """Take one message of the kernel's publications."""
        self.messages.append(message)
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            self.text += content["text"]
        elif kind == "error":
            self.errors.append((content["ename"], content["evalue"]))
            _say_nothing_twice(content["evalue"])
            self.traceback += "\n".join(content["traceback"])
        elif kind in {"display_data", "execute_result", "update_display_data"}:
            number = str(len(self.displays))
            name = content.get("transient", {}).get("display_id", number)
            self.displays[name] = content["data"]
            if kind == "update_display_data":  # what is left of a sign-in
                _say_nothing_twice(str(content["data"].get("text/plain", "")))


def _say_nothing_twice(message: str) -> None:
    # Here, so that it holds for every message that any test provokes.
    assert [] == repeated(message), message


class Cell:
    """A cell under way.

    Args:
        message_id: of the request that executes it.
        pump: takes messages for at most that many seconds.
    """

    def __init__(self, message_id: str, pump: Callable[[float], None]) -> None:
        self.message_id = message_id
        self.outputs = Outputs()
        self.idle = False
        self.replied = False
        self._pump = pump

    @property
    def done(self) -> bool:
        """Whether the kernel has finished it."""
        return self.idle and self.replied

    def wait_for(self, condition: Callable[[], object], timeout: float = 60) -> None:
        """Take messages until a condition holds.

        Raises:
            TimeoutError: it did not; the message is what the cell showed.
        """
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the cell showed only this: {self.outputs.shown}")
            self._pump(min(left, 0.1))

    def link(self, timeout: float = 60) -> str:
        """Wait for the authorization link and return it."""
        # A cell that waits for nobody may be done before its link is shown.
        self.wait_for(lambda: self.outputs.link or self.outputs.errors, timeout)
        if not self.outputs.link:
            raise AssertionError(f"the cell failed before its link: {self.outputs.shown}")
        return self.outputs.link

    def finish(self, timeout: float = 60) -> Outputs:
        """Wait for the end and return what was put out."""
        self.wait_for(lambda: self.done, timeout)
        return self.outputs
