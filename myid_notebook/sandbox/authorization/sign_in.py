"""The sign-in itself: from a posted page to the next page or to a person (OC 3.2)."""

import hmac
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from myid_notebook.sandbox.authorization.lockout import Lockout, Mechanism
from myid_notebook.sandbox.authorization.login import Login
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.invented_people import QUESTIONS
from myid_notebook.sandbox.population.person import Person

ASKED = 2
"""How many of a person's questions are asked."""

WRONG_CREDENTIALS = "OA10002: Invalid credentials."
TOO_FEW_QUESTIONS = "OA10003: You have not enrolled enough security questions."
NO_CARD_SERVICE = "OA10001: The MyID Client Service cannot be reached."
LOCKED = "Your account is locked. Ask an operator to unlock it."
USERNAME_MISSING = "Enter your user name."

_PROCESS_KEY = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Stay:
    """The sign-in is not over; ``alert`` is what the next page warns of."""

    alert: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person who has proved to be there, and by which mechanism."""

    person: Person = field(repr=False)
    mechanism: Mechanism


class SignIn:
    """Checks what a browser posts against the people and the locks."""

    def __init__(self, directory: Directory, lockout: Lockout) -> None:
        self._directory = directory
        self._lockout = lockout

    def choose(self, login: Login, mechanism: str) -> Stay:
        """Take the choice of a mechanism; a smart card never gets further than OA10001."""
        if mechanism == Mechanism.SMART_CARD:
            return Stay(NO_CARD_SERVICE)
        if mechanism in set(Mechanism):
            login.mechanism = Mechanism(mechanism)
            login.username, login.questions = "", ()
        return Stay()

    def name(self, login: Login, username: str) -> Stay:
        """Take the user name and settle which questions are asked."""
        username = username.strip()[:100]
        if not username:
            return Stay(USERNAME_MISSING)
        questions = self._questions(username)
        if login.mechanism is Mechanism.QUESTIONS and not questions:
            return Stay(TOO_FEW_QUESTIONS)
        login.username, login.questions = username, questions
        return Stay()

    def _questions(self, username: str) -> tuple[str, ...]:
        person = self._directory.by_logon_name(username)
        if person is None:
            # The same two questions each time: otherwise a second try tells that nobody has
            # this name.
            key = hmac.digest(_PROCESS_KEY, username.casefold().encode(), "sha256")
            chance = random.Random(key)  # noqa: S311 - its seed is the secret
            return tuple(chance.sample(QUESTIONS, ASKED))
        enrolled = range(len(person.questions))
        chosen = secrets.SystemRandom().sample(enrolled, min(ASKED, len(enrolled)))
        return tuple(person.questions[number].question for number in sorted(chosen))

    def answer(self, login: Login, form: Mapping[str, str]) -> Stay | SignedIn:
        """Check the answers or the code; too many wrong ones lock the account."""
        mechanism = login.mechanism
        if mechanism is None or not login.username:
            return Stay()
        if self._lockout.is_locked(mechanism, login.username):
            return Stay(LOCKED)
        person = self._directory.by_logon_name(login.username)
        if person is None or not person.enabled or not _proves(login, person, form):
            self._lockout.failed(mechanism, login.username)
            locked = self._lockout.is_locked(mechanism, login.username)
            return Stay(LOCKED if locked else WRONG_CREDENTIALS)
        self._lockout.succeeded(mechanism, login.username)
        return SignedIn(person, mechanism)


def _proves(login: Login, person: Person, form: Mapping[str, str]) -> bool:
    if login.mechanism is Mechanism.CODE:
        code = form.get("code", "").strip().encode()
        expected = person.authentication_code.encode()
        return bool(expected) and hmac.compare_digest(code, expected)
    enrolled = {question.question: question for question in person.questions}
    return bool(login.questions) and all(
        question in enrolled and enrolled[question].accepts(form.get(f"answer{number}", ""))
        for number, question in enumerate(login.questions, start=1)
    )
