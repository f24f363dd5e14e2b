"""Finding out who signed in."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import wait as wait_for
from typing import Any

from myid_notebook.client import PersonLookup
from myid_notebook.errors import MyIDError
from myid_notebook.login.in_thread import in_background, in_thread
from myid_notebook.session import MyIDSession, Operator

PATIENCE = 5.0
"""Seconds to wait for a name; the session works meanwhile."""


class Introduction:
    """Puts the operator's name on a session; leaves only the id where MyID does not tell it.

    A courtesy: nobody waits for it longer than ``PATIENCE``, whatever hangs.

    Args:
        session: to be signed in.
        ca_bundle: path of a PEM file to trust instead of the system's store.

    Raises:
        SettingError: the CA bundle holds no certificate.
    """

    def __init__(self, session: MyIDSession, ca_bundle: str | None) -> None:
        self._session = session
        self._lookup = PersonLookup(session.api_url, ca_bundle)

    def wait(self) -> None:
        """Ask, once the session is signed in, and wait for the answer."""
        try:
            with contextlib.suppress(MyIDError):  # no thread to ask in
                wait_for([in_background(self._ask)], PATIENCE)
        finally:
            self._lookup.abort()

    async def wait_within(self, patience: float, hurry: asyncio.Event) -> None:
        """Ask, once the session is signed in, and wait for the answer in the running loop.

        Args:
            patience: seconds; ``PATIENCE`` where that is less.
            hurry: set when nobody wants to wait any longer.
        """
        hurried = asyncio.create_task(hurry.wait())
        try:
            with contextlib.suppress(MyIDError):  # no thread to ask in
                either: list[asyncio.Future[Any]] = [in_thread(self._ask), hurried]
                await asyncio.wait(
                    either,
                    timeout=min(PATIENCE, patience),
                    return_when=asyncio.FIRST_COMPLETED,
                )
        finally:
            hurried.cancel()
            self._lookup.abort()

    def _ask(self) -> None:
        operator, name = self._session.operator, None
        if operator is None or operator.id is None:
            return
        with contextlib.suppress(Exception):  # of all that may fail, this matters least
            name = self._lookup.name(operator.id, self._session.bearer, PATIENCE)
        if name is not None and self._session.operator is operator:  # still the same sign-in
            self._session.operator = Operator(id=operator.id, name=name)
