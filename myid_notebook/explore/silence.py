"""A time in which MyID does not respond: when to try again, and when to give up."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

from myid_notebook.explore.api_error import kind_of
from myid_notebook.explore.get import Unanswered
from myid_notebook.explore.progress import in_words

PATIENCE = 60.0
"""Seconds without a response that end a run which has had one before."""

TRIES = 5
"""Tries of a run that has had no response yet, and of one path while MyID responds to others."""

MAX_WAIT_SEEN = 600.0
MAX_WAIT_UNSEEN = 60.0
"""Seconds that MyID may ask to wait: where the progress is shown, and where it is not."""

_PAUSE, _MAX_PAUSE = 0.5, 8.0
"""Seconds between tries, at first and at last."""

_A_DAY = 86_400


class Silence:
    """A time in which MyID does not respond, or in ways that say nothing of what was asked for.

    Attributes:
        since: when it began, monotonic.
        failure: the last one.
    """

    def __init__(self) -> None:
        self.since = time.monotonic()
        self._failed_in_a_row = 0
        self._asked = 0.0
        self._until = 0.0

    def note(self, failure: Unanswered, *, is_probe: bool) -> float:
        """Note a failure, and return when to try on.

        Args:
            is_probe: whether the call was made in the silence, not before.
        """
        now = time.monotonic()
        self.failure = failure
        self._failed_in_a_row += is_probe
        asked = failure.error.retry_after
        if asked and now + asked > self._until:
            self._asked += now + asked - max(self._until, now)
            self._until = now + asked
        pause = min(_PAUSE * 2.0 ** (self._failed_in_a_row - 1), _MAX_PAUSE)
        # Not all kernels at once.
        return max(now + pause + random.random() / 4, self._until)  # noqa: S311 - no secret

    def too_long(self, *, is_seen: bool, has_worked: bool) -> str:
        """Return why nobody should wait any longer, or nothing.

        Args:
            is_seen: whether somebody sees that there is a wait.
            has_worked: whether MyID has answered before.
        """
        now = time.monotonic()
        if self._asked > (MAX_WAIT_SEEN if is_seen else MAX_WAIT_UNSEEN):
            if self._asked > _A_DAY:
                return "MyID asks to wait for more than a day."
            until = datetime.now().astimezone() + timedelta(seconds=self._until - now)
            return f"MyID asks to wait {in_words(self._until - now)}, until {until:%H:%M}."
        if has_worked and now - self.since - self._asked > PATIENCE:
            return f"MyID stopped responding {in_words(now - self.since)} ago."
        if not has_worked and self._failed_in_a_row >= TRIES:
            return f"{TRIES} tries in a row failed."
        return ""

    def line(self) -> str:
        """Return what to show meanwhile."""
        if (seconds := self._until - time.monotonic()) > 0:
            return f"; MyID asks to wait {in_words(seconds)}"
        kind = kind_of(self.failure.error)
        return f"; {f'MyID returns {kind}' if kind.isdecimal() else kind}, trying again"
