"""The sessions and pending sign-ins of a kernel, by name."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from myid_notebook.errors import TokenRefused
from myid_notebook.kernel.backends import Backend
from myid_notebook.kernel.sandbox import SandboxProcess
from myid_notebook.secret import Secret
from myid_notebook.session.session import MyIDSession
from myid_notebook.settings.resolve import Settings
from myid_notebook.sign_in.sign_in import SignIn


class SessionKind(StrEnum):
    """How a session was signed in."""

    PERSON = "a person signed in"
    CLIENT = "the client itself (client credentials)"
    TOKEN = "a token from elsewhere"  # noqa: S105 - words

    def serves(self, asked: SessionKind) -> bool:
        """Return whether a session of this kind will do.

        Args:
            asked: what kind the user asked for.
        """
        # A token from elsewhere takes the place of a person's sign-in.
        return self is asked or (self is SessionKind.TOKEN and asked is SessionKind.PERSON)


class TypedSecrets:
    """What was typed for a sign-in that worked, for the same client at the same place.

    Two servers may know clients of the same name, and neither may get the other's secret.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Secret] = {}

    def find(self, settings: Settings) -> Secret | None:
        """Return what was typed; None where that is to be asked for.

        Args:
            settings: of a sign-in.
        """
        return self._kept.get(_key(settings))

    def keep(self, settings: Settings, typed: Secret) -> None:
        """Do not ask for it again.

        Args:
            settings: of the sign-in that worked.
            typed: empty for a public client.
        """
        self._kept[_key(settings)] = typed

    def forget_refused(self, settings: Settings, error: Exception | None) -> None:
        """Ask for it again, if MyID did not accept it.

        Args:
            settings: of the sign-in that failed.
            error: why.
        """
        refused = isinstance(error, TokenRefused) and error.error == "invalid_client"
        if refused and (self.find(settings) or None) == settings.client_secret:
            self._kept.pop(_key(settings), None)


def _key(settings: Settings) -> tuple[str, str]:
    return settings.token_url, settings.client_id


class Waiters:
    """How many cells and tasks wait for one sign-in: while there are any, others may join them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0

    @property
    def any(self) -> bool:
        """Whether somebody waits."""
        return self._number > 0

    def join(self) -> None:
        """Wait as well."""
        with self._lock:
            self._number += 1

    def leave(self) -> bool:
        """Wait no longer, and return whether nobody does now."""
        with self._lock:
            self._number -= 1
            return self._number == 0


T = TypeVar("T")


class NameLocks:
    """One caller at a time for each name; the others wait, in whichever way they can.

    Not in the order they came: of two that wait in one thread, one within the other, only the
    inner one can go on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, _Turn] = {}

    async def take(self, name: str, caller: Backend, steps: Callable[[], Awaitable[T]]) -> T:
        """Return the result of what nobody else does for that name meanwhile.

        Args:
            name: of the session.
            caller: waits for its turn.
            steps: called when it has come.
        """
        with self._lock:
            turn = self._turns.setdefault(name, _Turn())
        owner = object()
        try:  # an interrupt may come at any moment, the first one after it was taken included
            while (given_back := turn.take(owner)) is not None:
                await caller.until(given_back)
            return await steps()
        finally:
            turn.give_back(owner)


class _Turn:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: object | None = None
        self._given_back: Future[None] = Future()

    def take(self, owner: object) -> Future[None] | None:
        with self._lock:
            if self._owner is not None:
                return self._given_back
            self._owner = owner
            return None

    def give_back(self, owner: object) -> None:
        with self._lock:
            if self._owner is not owner:
                return
            self._owner = None
            given_back, self._given_back = self._given_back, Future()
        given_back.set_result(None)


class HeldSessions:
    """Which session each name stands for, and of which kind it is.

    Attributes:
        by_name: the sessions that were delivered, signed in or not.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, MyIDSession] = {}
        self._kinds: dict[str, SessionKind] = {}

    def good(self, name: str, api_url: str, asked: SessionKind) -> MyIDSession | None:
        """Return the session of a name while it will do; None where a sign-in is needed.

        Args:
            name: of the session.
            api_url: the API it is for.
            asked: what kind the user asked for.
        """
        session = self.by_name.get(name)
        if session is None or session.api_url != api_url or not session.signed_in:
            return None
        kind = self._kinds.get(name, asked)
        return session if kind.serves(asked) else None

    def to_renew(self, name: str, settings: Settings) -> MyIDSession:
        """Return the session that a sign-in will fill: the one of that name, or a new one.

        A new one takes the name when it is delivered, not before.

        Args:
            name: of the session.
            settings: of the sign-in.
        """
        session = self.by_name.get(name)
        if session is not None and session.api_url == settings.api_url:
            session.set_ca_bundle(settings.ca_bundle)
            return session
        return new_session(name, settings)

    def deliver(self, name: str, session: MyIDSession, kind: SessionKind | None) -> None:
        """Let a name stand for a session from now on; the one it replaces is signed out.

        Args:
            name: of the session.
            session: the same as before, or another one.
            kind: how it was signed in; None where it is not yet.
        """
        replaced = self.by_name.get(name)
        self.by_name[name] = session
        if kind is not None:
            self._kinds[name] = kind
        if replaced is not None and replaced is not session:
            replaced.sign_out()


def new_session(name: str, settings: Settings) -> MyIDSession:
    """Return a session that nobody is signed in to.

    Args:
        name: the variable that will hold it.
        settings: of the sign-in.
    """
    command = "%myid_login" if name == "myid" else f"%myid_login {name}"
    return MyIDSession(settings.api_url, ca_bundle=settings.ca_bundle, command=command)


@dataclass(slots=True)
class KernelState:
    """Sessions, pending sign-ins and what belongs to them, by name.

    Args:
        sessions: the sessions.
        pending: the newest sign-in of a name; ended ones may linger.
        waiters: who waits for it.
        turns: whose turn it is to begin one.
        opening: held while a route is chosen: where the address is taken, the pending sign-in that
            has it is looked for, which must be there to be found.
        typed: client secrets that the user typed.
        sandbox: of this kernel.
    """

    sessions: HeldSessions = field(default_factory=HeldSessions)
    pending: dict[str, SignIn] = field(default_factory=dict)
    waiters: dict[str, Waiters] = field(default_factory=dict)
    turns: NameLocks = field(default_factory=NameLocks)
    opening: threading.Lock = field(default_factory=threading.Lock)
    typed: TypedSecrets = field(default_factory=TypedSecrets)
    sandbox: SandboxProcess = field(default_factory=SandboxProcess)

    def keep_what_a_fork_keeps(self) -> None:
        """Forget what the threads and processes of the parent did: none of them is here."""
        self.pending.clear()
        self.waiters.clear()
        self.turns = NameLocks()
        self.opening = threading.Lock()
        self.sandbox.leave_to_parent()
