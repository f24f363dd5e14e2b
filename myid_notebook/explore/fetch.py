"""Read many paths at once, through interrupts, failures and the end of a session."""

from __future__ import annotations

import threading
import time
from collections import ChainMap, deque
from collections.abc import Iterable, Mapping, MutableMapping
from concurrent.futures import Future
from datetime import UTC, datetime
from enum import Enum
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Any

from myid_notebook.errors import (
    MyIDError,
    NotSignedIn,
    SessionExpired,
    SignInFailed,
    WithUsersLine,
)
from myid_notebook.explore.api_error import MyIDAPIError, counted, kind_of
from myid_notebook.explore.get import Pause, get_object, url_within_api
from myid_notebook.explore.pages import Pages, is_collection
from myid_notebook.explore.progress import Progress, in_words
from myid_notebook.explore.rows import Rows, rows_of
from myid_notebook.front_end import runs_in_cell
from myid_notebook.session.bearer import refuses_token
from myid_notebook.session.session import BearerSession
from myid_notebook.session.words import with_force
from myid_notebook.threads import on_interrupt, run_in_thread

POLL_INTERVAL = 0.5
"""Seconds between looks at whether the run has ended."""

MAX_WORKERS = 64
"""Calls at once."""

SAME_FAILURES = 20
"""When the first calls fail alike, and none succeeds, so many end the run."""

INTERRUPT_GRACE = 0.15
"""Seconds after an interrupt for the calls under way, so that few are made again."""

Body = dict[str, Any] | list[dict[str, Any]]
"""What is kept of a path: a record, or all rows of a collection."""


class SomeFailed(WithUsersLine, MyIDError):
    """Some calls of ``myid.fetch`` failed, or the run ended before all were made.

    Attributes:
        rows: what was fetched, a ``Rows``.
        failed: path to the exception of each call that failed.
    """

    def __init__(self, message: str, *, rows: Rows, failed: Mapping[str, Exception]) -> None:
        super().__init__(message)
        self.rows = rows
        self.failed = dict(failed)


class FetchInterrupted(WithUsersLine, KeyboardInterrupt):
    """The user interrupted ``myid.fetch``; a ``KeyboardInterrupt``, like every interrupt.

    Attributes:
        rows: what was fetched, a ``Rows``.
    """

    def __init__(self, message: str, *, rows: Rows) -> None:
        super().__init__(message)
        self.rows = rows


def fetch_one(session: BearerSession, path: str) -> dict[str, Any] | Rows:
    """Return a record, or all rows of a collection; see ``MyIDSession.fetch``."""
    begun = datetime.now(UTC)
    page = get_object(session, path)
    if not is_collection(page):
        return page
    pages = Pages(session, path, page)
    rows = [*chain.from_iterable(pages)]
    return rows_of(session, rows, path, {}, complete=pages.complete, read_from=begun)


def fetch_many(
    session: BearerSession,
    paths: Iterable[str],
    *,
    workers: int,
    errors: str,
    into: MutableMapping[str, Any] | None,
) -> Rows:
    """Return the rows of many paths; see ``MyIDSession.fetch``."""
    wanted = _checked_paths(session, paths)
    _check_arguments(workers, errors, into)
    run = _Run(session, wanted, {} if into is None else into, resumable=into is not None)
    reason = run.finish(workers)
    keep = errors == "keep"
    rows = run.rows(with_errors=keep and not reason)
    if reason or (run.failed and not keep):
        raise SomeFailed(run.what_failed(reason), rows=rows, failed=run.failed)
    return rows


class ExpiryGate:
    """The calls of a run that are still to be made, handed out one by one.

    Threads take calls and put back those that met an expired session; the main thread opens and
    closes.

    Args:
        paths: what to call, each once.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = deque(paths)
        self._open = threading.Event()
        self._ended = threading.Event()
        self._not_before = 0.0
        self._open.set()

    def take(self) -> str | None:
        """Return the next call to make, or None if the run has ended or no call is left.

        Waits while the gate is closed.
        """
        while not self._ended.is_set():
            if not self._open.wait(POLL_INTERVAL):
                continue
            if (seconds := self._not_before - time.monotonic()) > 0:
                self._ended.wait(seconds)
                continue
            try:
                return self._paths.popleft()
            except IndexError:
                return None
        return None

    def put_back(self, path: str) -> None:
        """Make a call again later, and close the gate until somebody has signed in."""
        self._open.clear()
        self._paths.appendleft(path)

    def open(self) -> None:
        """Hand out calls again."""
        self._open.set()

    def pause(self, seconds: float) -> bool:
        """Hold every call back for some seconds, and return whether the run has ended."""
        self._not_before = max(self._not_before, time.monotonic() + seconds)
        return self._ended.wait(seconds)

    def end(self) -> None:
        """Hand out nothing any more."""
        self._ended.set()


class _Event(Enum):
    """What ends a stretch of collecting responses."""

    EXPIRED = "the session"
    INTERRUPTED = "the user"


class _Run:
    """The state of one run: what was kept, what failed, what is left."""

    def __init__(
        self,
        session: BearerSession,
        wanted: list[str],
        kept: MutableMapping[str, Any],
        *,
        resumable: bool,
    ) -> None:
        self._session = session
        self._operator = session.operator
        self._wanted = wanted
        self._kept = kept
        self._resumable = resumable
        self._distinct = dict.fromkeys(wanted)
        self._todo = [path for path in self._distinct if path not in kept]
        self._gate = ExpiryGate(self._todo)
        self._events: SimpleQueue[_Event | tuple[str, Body | Exception]] = SimpleQueue()
        self._threads: list[Future[None]] = []
        self._fetched = 0
        self._signed_in_just_now = False
        self._cannot_keep = ""
        self._waited = 0.0
        self._progress = Progress()
        self._begun = datetime.now(UTC)
        self.failed: dict[str, Exception] = {}

    def finish(self, workers: int) -> str:
        """Make every call; return why the run ended before, or nothing.

        Raises:
            FetchInterrupted: the user interrupted the kernel, in a cell.
            SomeFailed: the user interrupted it, not in a cell.
        """
        if not self._todo:
            return ""
        if self._session.bearer.token is None:  # an expired one is renewed on the way
            self._session.bearer.usable_token()
        reason, interrupted = "", False
        try:
            reason = self._start(min(workers, len(self._todo)))
            while not reason and (event := self._collect()) is not None:
                if event is _Event.INTERRUPTED:
                    interrupted = True
                    break
                reason = self._sign_in_again()
            reason = reason or self._cannot_keep or self._fails_alike()
        except KeyboardInterrupt:  # the second one, or one while signing in
            interrupted = True
        finally:
            self._gate.end()
        self._collect_what_is_under_way()
        if interrupted:
            self._progress.end(f"{self._done:,} of {len(self._distinct):,}, interrupted")
            how, rows = self._how_to_continue(), self.rows(with_errors=False)
            if not runs_in_cell():  # a KeyboardInterrupt in a callback would end the kernel
                raise SomeFailed(how, rows=rows, failed=self.failed)
            raise FetchInterrupted(how, rows=rows)
        self._progress.end(self._last_line(reason))
        return reason

    def rows(self, *, with_errors: bool) -> Rows:
        """Return what was fetched, in the order of the paths.

        Args:
            with_errors: whether a path that failed is a row, too.
        """
        rows: list[dict[str, Any]] = []
        for path in self._wanted:
            if path in self._kept:
                body = self._kept[path]
                found = body if isinstance(body, list) else [body]
                rows += [{**row, "@path": path} for row in found]
            elif with_errors and path in self.failed:
                rows.append({"@path": path, "@error": str(self.failed[path])})
        complete = self._done == len(self._distinct) and not self.failed
        count = len(self._distinct)
        name = next(iter(self._distinct), "") if count == 1 else f"{count:,} paths"
        # In any case, so that a table has them on a day on which nothing is found or fails, too.
        columns = ("@path", "@error") if with_errors else ("@path",)
        return rows_of(
            self._session,
            rows,
            name,
            {},
            complete=complete,
            read_from=self._begun,
            columns=columns,
        )

    def what_failed(self, reason: str) -> str:
        """Return the message of ``SomeFailed``."""
        total, failed = len(self._distinct), len(self.failed)
        parts = []
        if failed:
            parts.append(f"{failed:,} of {total:,} failed: {counted(self.failed.values())}.")
            first = next(iter(self.failed.values()))
            parts.append(f"The first: {first}")
        if reason:
            left = total - self._done - failed
            parts.append(f"{left:,} of {total:,} were not requested: {reason}")
        parts.append("The error has .rows (what was fetched) and .failed (by path).")
        if not self._resumable:
            parts.append("With into=kept, a dict of yours, the same call continues where it ended.")
        return " ".join(parts)

    @property
    def _done(self) -> int:
        return len(self._distinct) - len(self._todo) + self._fetched

    @property
    def _left(self) -> int:
        return len(self._todo) - self._fetched - len(self.failed)

    def _start(self, workers: int) -> str:
        for _ in range(workers):
            try:
                self._threads.append(run_in_thread(self._work, name="myid-fetch"))
            except SignInFailed:  # this process can start no more; those that run are enough
                break
        none = "the kernel could not start a thread. Close other work or restart the kernel."
        return "" if self._threads else none

    def _work(self) -> None:
        while (path := self._gate.take()) is not None:
            try:
                outcome: Body | Exception = _read_whole(self._session, path, self._gate.pause)
            except SessionExpired:
                self._put_back(path)
                continue
            except MyIDAPIError as error:
                if error.response is not None and refuses_token(error.response):
                    self._put_back(path)
                    continue
                outcome = error
            except Exception as error:  # noqa: BLE001 - whatever it is, the main thread tells it
                outcome = error
            self._events.put((path, outcome))

    def _put_back(self, path: str) -> None:
        # If somebody has signed in meanwhile, the token was an older one; the main thread sees it.
        self._gate.put_back(path)
        self._events.put(_Event.EXPIRED)

    def _collect(self) -> _Event | None:
        """Keep responses until all are there, or something has to be done; return what."""
        interrupts = 0

        def interrupt() -> None:
            # Not raised here: between taking a response and keeping it, the response would be lost.
            nonlocal interrupts
            interrupts += 1
            if interrupts > 1:
                raise KeyboardInterrupt
            self._events.put(_Event.INTERRUPTED)  # a SimpleQueue, which signal handlers may use

        with on_interrupt(interrupt):
            while self._left and not self._cannot_keep and not self._fails_alike():
                self._progress.show(self._line())
                try:
                    event = self._events.get(timeout=POLL_INTERVAL)
                except Empty:
                    continue
                if isinstance(event, _Event):
                    return event
                self._keep(*event)
        return None

    def _keep(self, path: str, outcome: Body | Exception) -> None:
        if isinstance(outcome, NotSignedIn):
            raise outcome  # signed out on purpose
        if isinstance(outcome, Exception):
            self.failed[path] = outcome
            return
        try:
            self._kept[path] = outcome
        except Exception as error:  # noqa: BLE001 - the user's mapping, such as a full shelf
            self._kept = ChainMap({path: outcome}, self._kept)
            self._cannot_keep = f"into does not take a response ({type(error).__name__}: {error})."
        self._fetched += 1
        self._signed_in_just_now = False

    def _collect_what_is_under_way(self) -> None:
        deadline = time.monotonic() + INTERRUPT_GRACE
        while self._left and time.monotonic() < deadline:
            idle = all(thread.done() for thread in self._threads)
            try:
                event = self._events.get(timeout=0.0 if idle else 0.01)
            except Empty:
                if idle:
                    return
                continue
            if not isinstance(event, _Event):
                self._keep(*event)

    def _sign_in_again(self) -> str:
        """Ask for a sign-in if the session needs one; return why the run cannot continue."""
        session = self._session
        if not session.signed_in:
            if self._signed_in_just_now:
                return "MyID does not accept the token of the new sign-in."
            if session.host is None:
                return "the session has expired. Sign in again, then make the same call."
            begun = time.monotonic()
            waiting = f"{self._done:,} of {len(self._distinct):,}; waiting for you to sign in again"
            self._progress.show(waiting, now=True)
            try:
                session.host.sign_in_again()
            except MyIDError as error:
                return f"the session has expired. {error}"
            self._waited += time.monotonic() - begun
            if not session.bearer.usable:
                return "the session has expired, and the sign-in renewed another session."
            self._signed_in_just_now = True
        before, now = self._operator, session.operator
        if before is not None and now is not None and before.id != now.id:
            return (
                f"{now} signed in, but {before} began this run, and the two may see different "
                f"rows. To finish it, {before} must sign in ({with_force(session.bearer.command)})."
            )
        self._gate.open()
        return ""

    def _fails_alike(self) -> str:
        if self._fetched or len(self.failed) < SAME_FAILURES or not self._left:
            return ""
        if len({kind_of(error) for error in self.failed.values()}) > 1:
            return ""
        return f"the first {len(self.failed)} calls failed in the same way."

    def _line(self) -> str:
        line = f"{self._done + len(self.failed):,} of {len(self._distinct):,}"
        called = self._fetched + len(self.failed)
        seconds = (self._progress.seconds - self._waited) / max(called, 1) * self._left
        if called and seconds >= 1:
            line += f", about {in_words(seconds)} left"
        return line + (f", {len(self.failed):,} failed" if self.failed else "")

    def _last_line(self, reason: str) -> str:
        if reason:
            return f"{self._done:,} of {len(self._distinct):,}, not finished"
        failed = f", {len(self.failed):,} failed" if self.failed else ""
        return f"{len(self._distinct):,} in {self._progress.elapsed}{failed}"

    def _how_to_continue(self) -> str:
        line = f"{self._done:,} of {len(self._distinct):,} are fetched."
        if self._resumable:
            return f"{line} Run the cell again to continue."
        return (
            f"{line} With into=kept, a dict of yours, running the cell again would continue "
            "where it ended."
        )


def _read_whole(session: BearerSession, path: str, pause: Pause) -> Body:
    page = get_object(session, path, pause=pause)
    if not is_collection(page):
        return page
    pages = Pages(session, path, page, pause=pause)
    rows = [*chain.from_iterable(pages)]
    if pages.complete is not True and pages.reason:
        raise MyIDAPIError(f"{path} could not be read whole: {pages.reason}.", path=path)
    return rows


def _checked_paths(session: BearerSession, paths: Iterable[object]) -> list[str]:
    # All of them first: nothing is sent if the iterable raises, or one leads elsewhere.
    wanted = []
    for number, path in enumerate(paths):
        if not isinstance(path, str):
            hint = " Use [row['href'] for row in rows]." if isinstance(path, dict) else ""
            raise TypeError(f"Path {number} must be text, not {type(path).__name__}.{hint}")
        wanted.append(str(path))
    for path in dict.fromkeys(wanted):
        url_within_api(session, path)
    return wanted


def _check_arguments(workers: int, errors: str, into: MutableMapping[str, Any] | None) -> None:
    if type(workers) is not int or not 1 <= workers <= MAX_WORKERS:
        raise ValueError(f"workers is {workers!r}; it must be from 1 to {MAX_WORKERS}.")
    if errors not in {"raise", "keep"}:
        raise ValueError(f"errors is {errors!r}; it must be 'raise' or 'keep'.")
    if into is not None and not isinstance(into, MutableMapping):
        raise TypeError(
            f"into must be a dict or another mutable mapping, not {type(into).__name__}."
        )
