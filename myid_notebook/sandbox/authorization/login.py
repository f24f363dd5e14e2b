"""Sign a person in, page by page; failed attempts lock accounts and end codes (OC 3.2)."""

import hmac
import random
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from myid_notebook.sandbox.authorization.authorization_request import AuthorizationRequest
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import Person
from myid_notebook.sandbox.population.word_lists import QUESTIONS

LOGIN_LIFETIME = 600
"""How long a sign-in page can be used, in seconds."""

MAX_LOGINS = 500
"""The number of logins kept; when there are more, the oldest is dropped."""

QUESTIONS_ASKED = 2
"""How many of a person's security questions are asked."""

WRONG_CREDENTIALS = "OA10002: Invalid credentials."
TOO_FEW_QUESTIONS = "OA10003: You have not enrolled enough security questions."
NO_CLIENT_SERVICE = "OA10001: The MyID Client Service cannot be reached."
LOCKED = "Your account is locked. Ask an operator to unlock it."
USERNAME_MISSING = "Enter your user name."

_MAX_ACCOUNTS = 5_000
_PROCESS_KEY = secrets.token_bytes(32)


class Mechanism(StrEnum):
    """The logon mechanisms that the sign-in page offers (OC 3.2)."""

    QUESTIONS = "questions"
    CODE = "code"
    SMART_CARD = "card"


MAX_FAILURES = {Mechanism.QUESTIONS: 3, Mechanism.CODE: 5}
"""Failures until the account is locked, or the code dead; MyID's defaults (ADMIN 3.4.1, 3.5)."""


class Lockout:
    """Count failed attempts by mechanism and user name.

    Unknown user names are counted too, so that they behave like known ones.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[Mechanism, str], int] = OrderedDict()

    def is_locked(self, mechanism: Mechanism, username: str) -> bool:
        """Return whether the account is locked, or the person's authentication code dead."""
        return self._failures.get((mechanism, username.casefold()), 0) >= MAX_FAILURES[mechanism]

    def record_failure(self, mechanism: Mechanism, username: str) -> None:
        """Count a failed attempt."""
        account = mechanism, username.casefold()
        self._failures[account] = self._failures.get(account, 0) + 1
        if len(self._failures) > _MAX_ACCOUNTS:
            self._failures.popitem(last=False)

    def record_success(self, mechanism: Mechanism, username: str) -> None:
        """Reset the count of failed attempts; an authentication code cannot be used again."""
        account = mechanism, username.casefold()
        self._failures.pop(account, None)
        if mechanism is Mechanism.CODE:
            self._failures[account] = MAX_FAILURES[mechanism]


@dataclass(slots=True, kw_only=True)
class Login:
    """A login in progress: what the browser has chosen so far.

    ``expires_at`` is in seconds of the monotonic clock. ``location`` is where a finished login
    sent the browser, so that a double click on the last button gets the same response twice.
    """

    request: AuthorizationRequest
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    expires_at: float = field(default_factory=lambda: time.monotonic() + LOGIN_LIFETIME)
    mechanism: Mechanism | None = None
    username: str = ""
    questions: tuple[str, ...] = ()
    location: str = field(default="", repr=False)


class Logins:
    """The logins in progress, by id."""

    def __init__(self) -> None:
        self._logins: OrderedDict[str, Login] = OrderedDict()

    def start(self, request: AuthorizationRequest) -> Login:
        """Store and return a new login for ``request``."""
        login = Login(request=request)
        self._logins[login.id] = login
        if len(self._logins) > MAX_LOGINS:
            self._logins.popitem(last=False)
        return login

    def find(self, login_id: str) -> Login | None:
        """Return the login with that id, or None if it is unknown or has expired."""
        login = self._logins.get(login_id)
        if login is None or login.expires_at <= time.monotonic():
            return None
        return login


@dataclass(frozen=True, slots=True)
class NextPage:
    """The login is not finished; the next page shows ``alert``, if it is not empty."""

    alert: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The login succeeded for ``person`` with ``mechanism``."""

    person: Person = field(repr=False)
    mechanism: Mechanism


class LoginService:
    """Advance a login with what the browser posts."""

    def __init__(self, directory: Directory, lockout: Lockout) -> None:
        self._directory = directory
        self._lockout = lockout

    def choose_mechanism(self, login: Login, mechanism: str) -> NextPage:
        """Set the mechanism; Smart Card always fails with OA10001."""
        if mechanism == Mechanism.SMART_CARD:
            return NextPage(NO_CLIENT_SERVICE)
        if mechanism in set(Mechanism):
            login.mechanism = Mechanism(mechanism)
            login.username, login.questions = "", ()
        return NextPage()

    def enter_username(self, login: Login, username: str) -> NextPage:
        """Set the user name and choose the questions to ask."""
        username = username.strip()[:100]
        if not username:
            return NextPage(USERNAME_MISSING)
        questions = self._choose_questions(username)
        if login.mechanism is Mechanism.QUESTIONS and not questions:
            return NextPage(TOO_FEW_QUESTIONS)
        login.username, login.questions = username, questions
        return NextPage()

    def _choose_questions(self, username: str) -> tuple[str, ...]:
        person = self._directory.by_logon_name(username)
        if person is None:
            # Ask the same two questions each time: if they changed, a second try would reveal
            # that the user does not exist.
            key = hmac.digest(_PROCESS_KEY, username.casefold().encode(), "sha256")
            source = random.Random(key)  # noqa: S311 - its seed is secret
            return tuple(source.sample(QUESTIONS, QUESTIONS_ASKED))
        enrolled = range(len(person.questions))
        chosen = secrets.SystemRandom().sample(enrolled, min(QUESTIONS_ASKED, len(enrolled)))
        return tuple(person.questions[number].question for number in sorted(chosen))

    def verify(self, login: Login, form: Mapping[str, str]) -> NextPage | SignedIn:
        """Check the posted answers or authentication code, and count failures."""
        mechanism = login.mechanism
        if mechanism is None or not login.username:
            return NextPage()
        # A code that is dead, or was used, looks like a wrong one; the account stays usable.
        locked = LOCKED if mechanism is Mechanism.QUESTIONS else WRONG_CREDENTIALS
        if self._lockout.is_locked(mechanism, login.username):
            return NextPage(locked)
        person = self._directory.by_logon_name(login.username)
        if person is None or not person.enabled or not _credentials_match(login, person, form):
            self._lockout.record_failure(mechanism, login.username)
            return NextPage(
                locked if self._lockout.is_locked(mechanism, login.username) else WRONG_CREDENTIALS
            )
        self._lockout.record_success(mechanism, login.username)
        return SignedIn(person, mechanism)


def _credentials_match(login: Login, person: Person, form: Mapping[str, str]) -> bool:
    if login.mechanism is Mechanism.CODE:
        code = form.get("code", "").strip().encode()
        expected = person.authentication_code.encode()
        return bool(expected) and hmac.compare_digest(code, expected)
    enrolled = {question.question: question for question in person.questions}
    # all() of no questions is true, so a login without questions must fail explicitly.
    return bool(login.questions) and all(
        question in enrolled and enrolled[question].accepts(form.get(f"answer{number}", ""))
        for number, question in enumerate(login.questions, start=1)
    )
