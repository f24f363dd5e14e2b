"""Make calls of the API in threads, through the end of a session, failures and interrupts.

The threads read; the main thread shows the progress, asks for a sign-in, hears the interrupt and
takes what was read.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from queue import Empty, SimpleQueue

from myid_notebook.errors import MyIDError, NotSignedIn, SessionExpired, SignInFailed
from myid_notebook.explore.ahead import MOST_PAGES, Ahead
from myid_notebook.explore.api_error import MyIDAPIError
from myid_notebook.explore.filters import FilterIgnored
from myid_notebook.explore.get import Answer, Unanswered, get_object
from myid_notebook.explore.pages import Reading
from myid_notebook.explore.progress import Progress
from myid_notebook.explore.silence import TRIES, Silence
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session.bearer import refuses_token
from myid_notebook.session.session import BearerSession
from myid_notebook.session.state import Operator
from myid_notebook.session.words import with_force
from myid_notebook.threads import on_interrupt, run_in_thread

POLL_INTERVAL = 0.5
"""Seconds between looks at whether the run has ended."""

INTERRUPT_GRACE = 0.15
"""Seconds after an interrupt for the calls under way, so that few are made again."""

TRIES_OF_OTHERS = 2
"""Tries of one path that fails with another status than those that often pass."""

_PASSING = {
    None,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""Statuses, or no response, that often pass. 500 says that rest.core cannot reach web.oauth2."""


_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


_NO_THREAD = "The kernel could not start a thread. Close other work or restart the kernel."


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a run ended.

    Attributes:
        reason: why it ended before its last call, as a sentence; empty if it did not.
        interrupted: whether the user interrupted it.
        error: what stopped it, to be raised; None if nothing but the reason did.
    """

    reason: str = ""
    interrupted: bool = False
    error: BaseException | None = None


class _Event(Enum):
    """What the main thread has to see to."""

    EXPIRED = "the session"
    INTERRUPTED = "the user"
    ENDED = "the last call"


class Calls:
    """One run of calls.

    Args:
        readings: what to read; each is begun when a thread is free.
        take: receives each reading that has ended, in the main thread; returns why the run must
            end, or nothing.
        line: returns what to show of the progress.
        progress: shows it.
        operator: the person who began to read; another one ends the run.
        check: looks at each page before it is taken, in the thread that read it; may raise what
            ``get_object`` raises.
        ahead: the pages ahead of the one reading, if there is only one; None for none.
    """

    def __init__(
        self,
        session: BearerSession,
        readings: Iterator[Reading],
        *,
        take: Callable[[Reading], str],
        line: Callable[[], str],
        progress: Progress,
        operator: Operator | None,
        check: Callable[[Reading, Answer], None],
        ahead: Ahead | None = None,
    ) -> None:
        self._waited = 0.0
        self._session = session
        self._readings = readings
        self._take = take
        self._line = line
        self._progress = progress
        self._operator = operator
        self._check = check
        self._ahead = ahead
        self._events: SimpleQueue[_Event | Reading | BaseException] = SimpleQueue()
        self._signed_in_just_now = False
        self._lock = threading.Condition()
        # What follows is read and changed under the lock only.
        self._queue: deque[Reading] = deque()
        self._under_way = 0
        self._is_open = True
        self._is_stopping = False
        self._is_over = False
        self._tries: dict[Reading, int] = {}
        self._worked = ""
        self._silence: Silence | None = None
        self._not_before = 0.0

    def run(self, workers: int) -> End:
        """Make the calls, in at most so many threads."""
        started = 0
        with contextlib.suppress(SignInFailed):  # this process can start no more threads
            for _ in range(workers):
                run_in_thread(self._work, name="myid-call")
                started += 1
        try:
            end = self._collect() if started else End(reason=_NO_THREAD)
        except KeyboardInterrupt:  # the second one, or one while signing in
            end = End(interrupted=True)
        except (NotSignedIn, FilterIgnored) as error:
            end = End(error=error)
        finally:
            self._stop()
        return end

    @property
    def waited(self) -> float:
        """Seconds in which nothing could be read."""
        with self._lock:
            silence = self._silence
            return self._waited + (time.monotonic() - silence.since if silence else 0.0)

    # In the threads.

    def _work(self) -> None:
        try:
            self._read_on()
        except BaseException as error:  # noqa: BLE001 - else the main thread would wait for ever
            self._events.put(error)

    def _read_on(self) -> None:
        while (task := self._next()) is not None:
            reading, address = task
            if reading is None:
                self._read_ahead(address)
                continue
            token, begun = self._session.bearer.token, time.monotonic()
            try:
                answer = get_object(self._session, address)
                self._check(reading, answer)
            except Unanswered as failure:
                self._note_silence(reading, failure, begun)
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the main thread tells it
                self._end_silence(begun)
                self._failed(reading, error, token)
            else:
                self._end_silence(begun)
                self._receive(reading, answer, address)

    def _failed(self, reading: Reading, error: Exception, token: TokenResponse | None) -> None:
        if isinstance(error, SessionExpired) or _says_session_ended(
            error, self._session, token, self._worked
        ):
            self._put_back(reading)
        elif not (isinstance(error, MyIDAPIError) and self._try_again(reading)):
            self._end_reading(reading, error)

    def _next(self) -> tuple[Reading | None, str] | None:
        """Return what to read next and its address, or None if nothing is left or the run is over.

        An address without a reading is one ahead.
        """
        with self._lock:
            while not self._is_stopping:
                seconds = self._not_before - time.monotonic()
                if not self._is_open or (self._silence and self._under_way):
                    self._lock.wait()
                elif seconds > 0:
                    self._lock.wait(min(seconds, threading.TIMEOUT_MAX))
                elif (reading := self._pop()) is not None:
                    self._under_way += 1
                    return reading, reading.next or ""
                elif self._ahead and not self._silence and (address := self._ahead.propose()):
                    return None, address
                elif self._under_way or self._queue:
                    self._lock.wait()
                else:
                    self._events.put(_Event.ENDED)
                    return None
        return None

    def _pop(self) -> Reading | None:
        # In a silence the others first: what failed may be to blame itself.
        if self._silence is not None and (other := next(self._readings, None)) is not None:
            return other
        if not self._queue:
            return next(self._readings, None)
        while self._ahead is not None and not self._ahead.must_wait:
            answer = self._ahead.take()
            if answer is None:
                break
            self._under_way += 1
            self._accept(self._queue.popleft(), answer)
            if not self._queue:
                return None
        is_waiting = self._ahead is not None and self._ahead.must_wait
        return None if is_waiting else self._queue.popleft()

    def _read_ahead(self, address: str) -> None:
        """Read a page that may be named next; a failure counts for nothing."""
        ahead, token = self._ahead, self._session.bearer.token
        assert ahead is not None  # noqa: S101 - nothing else has addresses ahead
        answer = failure = None
        try:
            answer = get_object(self._session, address)
            self._check(ahead.reading, answer)
        except Exception as error:  # noqa: BLE001 - it comes again when the page is named
            failure = error
        with self._lock:
            same = token is self._session.bearer.token and not self._is_another_person()
            ahead.hold(address, answer if same else None)
            if isinstance(failure, Unanswered) and failure.status in _BUSY:
                ahead.slow_down()
                if failure.error.retry_after:  # which holds for all
                    self._silence = self._silence or Silence()
                    self._not_before = self._silence.note(failure, is_probe=False)
            self._lock.notify_all()

    def _try_again(self, reading: Reading) -> bool:
        """Ask again for a page that failed after pages were asked ahead; return whether to."""
        with self._lock:  # another run may have taken the reading over, if this one has ended
            if self._is_over or self._ahead is None:
                return False
            if not (self._ahead.ask_alone() or self._ahead.begin_again()):
                return False
            self._queue.appendleft(reading)
            self._end_call()
            return True

    def _receive(self, reading: Reading, answer: Answer, address: str) -> None:
        if self._is_another_person():  # who signed in while this was read
            self._put_back(reading)
            return
        with self._lock:
            if self._is_over:
                return
            self._worked = address
            if self._ahead is not None and self._ahead.contradicts(answer):
                self._ahead.begin_again()  # order matters to this server
                self._queue.appendleft(reading)
                self._end_call()
            else:
                self._accept(reading, answer)

    def _accept(self, reading: Reading, answer: Answer) -> None:
        """Take a page; the caller holds the lock."""
        try:
            reading.receive(answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the main thread tells it
            self._end_reading(reading, error)
            return
        self._signed_in_just_now = False
        if reading.next is None:
            self._end_reading(reading, None)
            return
        self._queue.appendleft(reading)
        self._end_call()
        if self._ahead is not None and self._ahead.note_link(answer):
            for _ in range(MOST_PAGES):
                with contextlib.suppress(SignInFailed):  # those that run are enough
                    run_in_thread(self._work, name="myid-call")

    def _end_reading(self, reading: Reading, error: Exception | None) -> None:
        with self._lock:
            if self._is_over:
                return
            reading.error = error
            self._tries.pop(reading, None)
            self._events.put(reading)
            self._end_call()

    def _put_back(self, reading: Reading) -> None:
        # If somebody has signed in meanwhile, the token was an older one; the main thread sees it.
        with self._lock:
            self._is_open = False
            if self._ahead is not None:
                self._ahead.drop()
            self._queue.appendleft(reading)
            self._events.put(_Event.EXPIRED)
            self._end_call()

    def _end_call(self) -> None:
        """Note that a call has ended; the caller holds the lock."""
        self._under_way -= 1
        self._lock.notify_all()

    def _end_silence(self, begun: float) -> None:
        """Note a response; one that was on its way before says nothing of a silence."""
        with self._lock:
            if self._silence is not None and begun >= self._silence.since:
                self._waited += time.monotonic() - self._silence.since
                self._silence = None

    def _note_silence(self, reading: Reading, failure: Unanswered, begun: float) -> None:
        """Let one thread try on while the others wait, or end what has failed for good."""
        with self._lock:
            if self._is_over:
                return
            is_passing = failure.status in _PASSING
            if not (is_passing or failure.was_cut or self._worked):
                self._end_reading(reading, failure.error)
                return
            if self._ahead is not None and failure.status in _BUSY:
                self._ahead.slow_down()
            is_first = self._silence is None
            silence = self._silence = self._silence or Silence()
            self._not_before = silence.note(failure, is_probe=is_first or begun >= silence.since)
            tried = self._tries[reading] = self._tries.get(reading, 0) + (
                is_first or not is_passing
            )
            is_final = tried >= (TRIES if is_passing else TRIES_OF_OTHERS)
            may_help = failure.status not in {None, *_BUSY}
            if is_final and may_help and self._ahead and self._ahead.begin_again():
                self._tries.pop(reading)
                self._queue.append(reading)
            elif is_final:
                reading.error = failure.error
                self._events.put(reading)
            else:
                self._queue.append(reading)
            self._end_call()

    # In the main thread.

    def _collect(self) -> End:
        """Take what has been read, until all is there or the run must end."""
        interrupts = 0

        def interrupt() -> None:
            # Not raised here: between hearing of a response and taking it, it would be lost.
            nonlocal interrupts
            interrupts += 1
            if interrupts > 1:
                raise KeyboardInterrupt
            self._events.put(_Event.INTERRUPTED)  # a SimpleQueue, which signal handlers may use

        while True:
            with on_interrupt(interrupt):
                end = self._collect_until_expiry()
            if end is not None:
                return end
            reason = self._sign_in_again()
            if reason:
                return End(reason=reason)
            with self._lock:
                self._is_open = True
                self._lock.notify_all()

    def _collect_until_expiry(self) -> End | None:
        while True:
            with self._lock:
                silence = self._silence
                reason = silence and silence.too_long(
                    is_seen=self._progress.is_seen, has_worked=bool(self._worked)
                )
            if silence and reason:
                return End(reason=reason, error=silence.failure.error)
            self._session.tell_news()
            self._progress.show(self._line() + (silence.line() if silence else ""))
            try:
                event = self._events.get(timeout=POLL_INTERVAL)
            except Empty:
                continue
            if event is _Event.EXPIRED:
                return None
            if isinstance(event, BaseException):
                return End(error=event)
            if isinstance(event, _Event):
                return End(interrupted=event is _Event.INTERRUPTED)
            if reason := self._taken(event):
                return End(reason=reason)

    def _taken(self, reading: Reading) -> str:
        if isinstance(reading.error, NotSignedIn | FilterIgnored):
            raise reading.error
        return self._take(reading)

    def _is_another_person(self) -> bool:
        before, now = self._operator, self._session.operator
        return before is not None and now is not None and before.id != now.id

    def _sign_in_again(self) -> str:
        """Ask for a sign-in if the session needs one; return why the run cannot continue."""
        session = self._session
        if not session.signed_in:
            if self._signed_in_just_now:
                return "MyID does not accept the token of the new sign-in."
            if session.host is None:
                return _why_unusable(session)
            begun = time.monotonic()
            self._progress.show(f"{self._line()}; waiting for you to sign in again", now=True)
            try:
                session.host.sign_in_again()
            except MyIDError as error:
                return f"The session has expired. {error}"
            self._waited += time.monotonic() - begun
            if not session.bearer.usable:
                return "The session has expired, and the sign-in renewed another session."
            self._signed_in_just_now = True
        if self._is_another_person():
            return (
                f"{session.operator} signed in, but {self._operator} began this run, and the two "
                f"may see different rows. To finish it, {self._operator} must sign in "
                f"({with_force(session.bearer.command)})."
            )
        return ""

    def _stop(self) -> None:
        """Hand out nothing any more, and take what is under way if it comes at once."""
        deadline = time.monotonic() + INTERRUPT_GRACE
        with self._lock:
            self._is_stopping = True
            self._lock.notify_all()
        with contextlib.suppress(KeyboardInterrupt):
            while time.monotonic() < deadline:
                with self._lock:
                    idle = not self._under_way
                try:
                    event = self._events.get(timeout=0.0 if idle else 0.01)
                except Empty:
                    if idle:
                        break
                    continue
                if isinstance(event, Reading):
                    with contextlib.suppress(NotSignedIn, FilterIgnored):
                        self._taken(event)
        with self._lock:
            self._is_over = True


def _says_session_ended(
    error: Exception, session: BearerSession, token: TokenResponse | None, worked: str
) -> bool:
    """Return whether an error says that the session has ended, and nothing of what was asked for.

    A 401 without ``invalid_token`` may say either. What worked before tells which.

    Args:
        token: that was sent.
        worked: address of what was read before; empty if nothing was.
    """
    response = error.response if isinstance(error, MyIDAPIError) else None
    if response is None or response.status_code != HTTPStatus.UNAUTHORIZED:
        return False
    if refuses_token(response):
        return True
    try:
        if worked:
            get_object(session, worked)
    except SessionExpired:
        return True
    except MyIDAPIError as other:
        if other.status == HTTPStatus.UNAUTHORIZED and token is not None:
            session.bearer.refuse(token)
            return True
    except Unanswered:  # it tells nothing
        pass
    return False


def _why_unusable(session: BearerSession) -> str:
    try:
        session.bearer.usable_token()
    except NotSignedIn as error:
        return str(error)
    return ""
