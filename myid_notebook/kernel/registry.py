"""The sessions and pending sign-ins of a kernel: one record for each name."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from myid_notebook.errors import SignInCancelled, TokenRefused
from myid_notebook.explore.session import MyIDSession
from myid_notebook.kernel.backends import Backend
from myid_notebook.kernel.sandbox import SandboxProcess
from myid_notebook.secret import Secret
from myid_notebook.settings.resolve import Settings
from myid_notebook.settings.table import IDENTITY
from myid_notebook.sign_in.messages import logged_out, shut_down
from myid_notebook.sign_in.sign_in import SignIn
from myid_notebook.token_store.client import StoreClient, store_of_this_kernel

T = TypeVar("T")


class SessionKind(StrEnum):
    """How a session was signed in."""

    PERSON = "a person signed in"
    CLIENT = "the client itself (client credentials)"
    TOKEN = "a token from elsewhere"  # noqa: S105 - words


class NameLock:
    """A lock for threads and for tasks, with an owner; not in the order of arrival.

    Two waiters may sit in one thread, one nested in the other: only the inner one can proceed.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._owner: object | None = None
        self._released: Future[None] = Future()

    def acquire(self, owner: object) -> Future[None] | None:
        """Take the lock and return None, or return what is done at its next release."""
        with self._guard:
            if self._owner is not None:
                return self._released
            self._owner = owner
            return None

    def release(self, owner: object) -> None:
        """Release the lock; does nothing if ``owner`` does not hold it."""
        with self._guard:
            if self._owner is not owner:
                return
            self._owner = None
            released, self._released = self._released, Future()
        released.set_result(None)


@dataclass(slots=True)
class Record:
    """What a kernel knows of one name.

    Attributes:
        session: delivered to the user, signed in or not.
        kind: how it was signed in; None before.
        settings: it was signed in with, without secrets; None before.
        sign_in: the newest one; may have ended.
        sign_in_settings: those of it, without secrets.
        lock: held while a sign-in of this name is begun.
    """

    session: MyIDSession | None = None
    kind: SessionKind | None = None
    settings: Settings | None = None
    sign_in: SignIn[MyIDSession] | None = None
    sign_in_settings: Settings | None = None
    lock: NameLock = field(default_factory=NameLock)

    @property
    def pending(self) -> SignIn[MyIDSession] | None:
        """The sign-in that has not ended yet."""
        return None if self.sign_in is None or self.sign_in.finished.done() else self.sign_in

    def has(self, session: MyIDSession | None) -> bool:
        """Return whether a session is this record's, or that of its pending sign-in."""
        pending = self.pending
        return session is self.session or (pending is not None and session is pending.session)

    def valid_session(
        self, settings: Settings, asked: SessionKind, given: set[str]
    ) -> MyIDSession | None:
        """Return the session if it is signed in, as a sign-in with these settings would be.

        Args:
            settings: of the call.
            asked: how that would sign in.
            given: names of the settings that the call itself gives.
        """
        session = self.session
        if session is None or session.api_url != settings.api_url or not session.signed_in:
            return None
        if self.kind is SessionKind.TOKEN:
            # A token from elsewhere replaces a person's sign-in. Its client and scope are unknown.
            alike = asked is SessionKind.PERSON and given.isdisjoint(IDENTITY)
        else:
            used = self.settings
            alike = self.kind in {None, asked} and (
                used is None or used.identity == settings.identity
            )
        return session if alike else None

    def deliver(self, session: MyIDSession, kind: SessionKind | None, settings: Settings) -> None:
        """Hold a session under this name from now on; sign out the one it replaces.

        Args:
            session: the same as before, or another one.
            kind: how it was signed in; None if it is not yet.
            settings: of that sign-in.
        """
        replaced, self.session = self.session, session
        if kind is not None:
            self.kind, self.settings = kind, settings.without_secrets
        if replaced is not None and replaced is not session:
            replaced.sign_out()


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

    def log_out(self, name: str, held: MyIDSession | None = None) -> tuple[bool, bool]:
        """Forget the token of a session, here and in the token store; end its pending sign-in.

        Args:
            name: of the session.
            held: by the variable of that name; may have been signed in under another name.

        Returns:
            Whether there was anything to forget, and whether the store had it.
        """
        others = [*self.records.items()] if held is not None else []
        names = {name, *(other for other, record in others if record.has(held))}
        found = [*map(self._log_out, names), self._forget(held)]  # held may be in no record
        return any(known for known, _ in found), any(shared for _, shared in found)

    def _log_out(self, name: str) -> tuple[bool, bool]:
        record = self.records.get(name)
        if record is None:
            return False, False
        # Before the sign-in ends, too: what it shows then must be true.
        known, shared = self._forget(record.session)
        sign_in, record.sign_in = record.sign_in, None
        if sign_in is not None and not sign_in.finished.done():
            sign_in.cancel(logged_out())
            more_known, more_shared = self._forget(record.session)  # it may just have succeeded
            known, shared = known or more_known, shared or more_shared
        return known or sign_in is not None, shared

    def _forget(self, session: MyIDSession | None) -> tuple[bool, bool]:
        if session is None:
            return False, False
        token, known = session.bearer.token, session.signed_in or session.operator is not None
        shared = 0
        if token is not None and self.store is not None:
            shared = self.store.forget(token, "logout")
        session.sign_out()
        return known, shared > 0

    def end_pending(self, reason: SignInCancelled) -> None:
        """End every pending sign-in; the sessions stay."""
        for record in list(self.records.values()):
            sign_in, record.sign_in = record.sign_in, None
            if sign_in is not None:
                sign_in.cancel(reason)

    def close(self) -> None:
        """End every pending sign-in, and the sandbox if this kernel started one."""
        self.end_pending(shut_down())
        self.sandbox.stop()

    def typed_secret(self, settings: Settings) -> Secret | None:
        """Return the client secret that was typed for this client at this server, if any.

        Two servers may know clients of the same name, and neither may get the other's secret.
        """
        return self._typed_secrets.get(_secret_key(settings))

    def keep_typed_secret(self, settings: Settings, secret: Secret) -> None:
        """Keep a client secret with which a sign-in worked, so that it is not prompted for again.

        Args:
            settings: of that sign-in.
            secret: empty for a public client.
        """
        self._typed_secrets[_secret_key(settings)] = secret

    def client_works(self, settings: Settings) -> bool:
        """Return whether MyID has accepted this client with this secret before, in this kernel."""
        return _client_hash(settings) in self._working_clients

    def note_working_client(self, settings: Settings) -> None:
        """Take note that MyID accepted a client and its secret."""
        self._working_clients.add(_client_hash(settings))

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
            record.sign_in = None
            record.lock = NameLock()
        self.choosing_route = threading.Lock()
        self.sandbox.leave_to_parent()


def _secret_key(settings: Settings) -> tuple[str, str]:
    return settings.token_url, settings.client_id


def _client_hash(settings: Settings) -> int:
    # A hash, so that no secret is kept for it.
    method, secret = settings.client_authentication, settings.client_secret
    return hash((settings.token_url, settings.client_id, method, secret))
