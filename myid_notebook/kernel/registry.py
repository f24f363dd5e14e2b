"""The sessions and pending sign-ins of a kernel: one record for each name."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar

from myid_notebook.errors import SignInCancelled, TokenRefused
from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel.sandbox import SandboxProcess
from myid_notebook.kernel.waiting import Backend
from myid_notebook.secret import Secret
from myid_notebook.session.session import revoke_what_is_left
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.table import IDENTITY
from myid_notebook.sign_in.messages import logged_out, shut_down
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.threads import NameLock
from myid_notebook.token_store.client import StoreClient, store_of_this_kernel

T = TypeVar("T")


class SessionKind(StrEnum):
    """How a session was signed in."""

    PERSON = "a person signed in"
    CLIENT = "the client itself (client credentials)"
    TOKEN = "a token from elsewhere"  # noqa: S105 - words


class Pending:
    """A sign-in whose link is shown, and how many cells and tasks wait for it.

    Args:
        sign_in: has not ended.
        session: gets the token.
        settings: of the sign-in; kept without secrets.
    """

    def __init__(self, sign_in: SignIn, session: MyIDSession, settings: Settings) -> None:
        self.sign_in = sign_in
        self.session = session
        self.settings = settings.without_secrets
        self._waiting = 0
        self._lock = threading.Lock()

    @property
    def is_waited_for(self) -> bool:
        """Whether a cell or task waits; while one does, others may join it."""
        return self._waiting > 0

    def join(self) -> None:
        """Count one more cell or task that waits."""
        with self._lock:
            self._waiting += 1

    def leave(self) -> bool:
        """Count one less, and return whether nobody waits now."""
        with self._lock:
            self._waiting -= 1
            return self._waiting == 0


class Held(NamedTuple):
    """The session of a name.

    Args:
        session: signed in or not.
        kind: how it was signed in; None if it has not been yet.
        settings: of that sign-in, or of the pending one, without secrets.
    """

    session: MyIDSession
    kind: SessionKind | None
    settings: Settings


@dataclass(slots=True)
class Record:
    """What a kernel knows of one name.

    Attributes:
        held: the session in the user's hands; None before.
        pending: the newest sign-in; None once it has ended.
        lock: held while a sign-in of this name is begun.
    """

    held: Held | None = None
    pending: Pending | None = None
    lock: NameLock = field(default_factory=NameLock)

    @property
    def session(self) -> MyIDSession | None:
        """The session in the user's hands."""
        return None if self.held is None else self.held.session

    def has(self, session: MyIDSession) -> bool:
        """Return whether a session is this record's, or that of its pending sign-in."""
        return any(
            each is not None and each.session is session for each in (self.held, self.pending)
        )

    def valid_session(
        self, settings: Settings, asked: SessionKind, given: frozenset[str]
    ) -> MyIDSession | None:
        """Return the session if it is signed in, as a sign-in with these settings would be.

        Args:
            settings: of the call.
            asked: how that would sign in.
            given: names of the settings that the call itself gives.
        """
        held = self.held
        if held is None or held.session.api_url != settings.api_url or not held.session.signed_in:
            return None
        if held.kind is SessionKind.TOKEN:
            # A token from elsewhere replaces a person's sign-in. Its client and scope are unknown.
            alike = asked is SessionKind.PERSON and given.isdisjoint(IDENTITY)
        else:
            alike = held.kind is asked and held.settings.identity == settings.identity
        return held.session if alike else None

    def hold(self, session: MyIDSession, kind: SessionKind | None, settings: Settings) -> None:
        """Hold a session under this name from now on; sign out the one it replaces.

        Args:
            kind: how it was signed in; None if it has not been yet: a session that was signed in
                before keeps its kind and settings.
            settings: of that sign-in.
        """
        replaced = self.held
        if kind is not None or replaced is None or replaced.session is not session:
            self.held = Held(session, kind, settings.without_secrets)
        if replaced is not None and replaced.session is not session:
            replaced.session.drop_token()


class Registry:
    """The records of a kernel by name, and what all its sign-ins share.

    Threads and tasks may begin sign-ins at the same time, one for each name.

    Attributes:
        records: by name of the session.
        sandbox: of this kernel.
        choosing_route: held while a route is chosen: if the port is in use, the pending sign-in
            that has it is looked for, which must be there to be found.
    """

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.sandbox = SandboxProcess()
        self.choosing_route = threading.Lock()
        self._typed_secrets: dict[tuple[str, str], Secret] = {}
        self._working_clients: set[int] = set()
        self._store: StoreClient | None = None
        atexit.register(self.close)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget_threads_and_processes)

    def record(self, name: str) -> Record:
        """Return the record of a name, new if there is none."""
        return self.records.setdefault(name, Record())

    async def run(self, name: str, backend: Backend, steps: Callable[[], Awaitable[T]]) -> T:
        """Return the result of steps that run for one caller at a time for each name.

        One lock for each name, so that a token endpoint that hangs delays its own name only.

        A callback, not an asynchronous context manager: an interrupt could slip between the entry
        of the manager and its body.

        Args:
            backend: waits for other callers.
            steps: called with the lock held.
        """
        lock, owner = self.record(name).lock, object()
        try:  # an interrupt may come at any moment, right after ``acquire`` included
            while (released := lock.acquire(owner)) is not None:
                await backend.wait(released)
            return await steps()
        finally:
            lock.release(owner)

    @property
    def store(self) -> StoreClient | None:
        """The token store of this kernel's Jupyter server, if there is one."""
        if self._store is None:
            self._store = store_of_this_kernel()
        return self._store

    def log_out(self, name: str, held: MyIDSession | None = None) -> tuple[bool, str]:
        """Sign a session out, here and in the token store; end its pending sign-in.

        Args:
            name: of the session.
            held: by the variable of that name; may have been signed in under another name.

        Returns:
            Whether there was anything to forget, and what is left elsewhere, in sentences.
        """
        others = [*self.records.items()] if held is not None else []
        names = {name, *(other for other, record in others if held and record.has(held))}
        found = [*map(self._log_out, names), _sign_out(held)]  # held may be in no record
        left = " ".join(dict.fromkeys(line for _, line in found if line))
        return any(known for known, _ in found), left

    def log_out_all(self) -> tuple[bool, str]:
        """Sign out every session of this kernel, and end every sign-in of the token store.

        Returns:
            As ``log_out`` does.
        """
        found = [*map(self._log_out, [*self.records])]
        if self.store is not None:
            gone = self.store.forget(None)
            # This kernel knows no client secret that would go with their refresh tokens.
            found.append(
                (gone.known, revoke_what_is_left(None, gone.notebooks, gone.refresh_tokens))
            )
        lines = dict.fromkeys(line for _, line in found if line)
        return any(known for known, _ in found), " ".join(lines)

    def _log_out(self, name: str) -> tuple[bool, str]:
        record = self.records.get(name)
        if record is None:
            return False, ""
        # Before the sign-in ends, too: what it shows then must be true.
        known, left = _sign_out(record.session)
        pending = record.pending
        if pending is None:
            return known, left
        pending.sign_in.cancel(logged_out())
        _, more = _sign_out(record.session)  # it may just have succeeded
        return True, left or more

    def end_pending(self, reason: SignInCancelled) -> None:
        """End every pending sign-in; the sessions stay."""
        for record in list(self.records.values()):
            if record.pending is not None:
                record.pending.sign_in.cancel(reason)

    def close(self) -> None:
        """End every pending sign-in, and the sandbox if this kernel started one."""
        self.end_pending(shut_down())
        self.sandbox.stop()

    def typed_secret(self, settings: Settings) -> Secret | None:
        """Return the client secret that was typed for this client at this server, if any.

        Two servers may know clients of the same name, and neither may get the other's secret.
        """
        return self._typed_secrets.get(_secret_key(settings))

    def client_works(self, settings: Settings) -> bool:
        """Return whether MyID has accepted this client with this secret before, in this kernel."""
        return _client_hash(settings) in self._working_clients

    def note_working_client(self, settings: Settings, *, typed: bool = False) -> None:
        """Take note that MyID accepted a client and its secret.

        Args:
            typed: whether the secret was typed; it is kept, so that it is not prompted for again.
                An empty one is that of a public client.
        """
        self._working_clients.add(_client_hash(settings))
        if typed:
            self._typed_secrets[_secret_key(settings)] = settings.client_secret or Secret()

    def forget_refused_secret(self, settings: Settings, error: Exception | None) -> None:
        """Forget that a client secret works, and a typed one itself, if MyID refused it.

        Args:
            settings: of the sign-in.
            error: why the sign-in failed; None if it did not.
        """
        refused = isinstance(error, TokenRefused) and error.error == "invalid_client"
        if refused:
            self._working_clients.discard(_client_hash(settings))
        if refused and (self.typed_secret(settings) or None) == settings.client_secret:
            self._typed_secrets.pop(_secret_key(settings), None)

    def _forget_threads_and_processes(self) -> None:
        # In a forked process none of the parent's threads and processes is here.
        for record in self.records.values():
            record.pending = None
            record.lock = NameLock()
        self.choosing_route = threading.Lock()
        self.sandbox.leave_to_parent()


def _sign_out(session: MyIDSession | None) -> tuple[bool, str]:
    if session is None:
        return False, ""
    known = session.signed_in or session.operator is not None
    return known, session.end_sign_in()


def _secret_key(settings: Settings) -> tuple[str, str]:
    return settings.token_url, settings.client_id


def _client_hash(settings: Settings) -> int:
    # A hash, so that no secret is kept for it.
    method, secret = settings.client_authentication, settings.client_secret
    return hash((settings.token_url, settings.client_id, method, secret))
