"""Whose turn it is to begin a sign-in, name by name."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeVar

from myid_notebook.kernel.caller import Caller

T = TypeVar("T")


class Turns:
    """One caller at a time for each name; the others wait, in whichever way they can.

    Not in the order they came: of two that wait in one thread, one within the other, only the
    inner one can go on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, _Turn] = {}

    async def take(self, name: str, caller: Caller, steps: Callable[[], Awaitable[T]]) -> T:
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
