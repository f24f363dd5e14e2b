"""Look up the operator's name; best effort (MyID Core API guide 5.1)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from concurrent.futures import wait as wait_for
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests

from myid_notebook.errors import MyIDError
from myid_notebook.session.operator import Operator
from myid_notebook.session.session import MyIDSession
from myid_notebook.threads import in_background, in_thread
from myid_notebook.transport.client import AnswerTooLargeError, Auth, HTTPClient
from myid_notebook.untrusted_text import outside_text

_LONGEST_ID = 255
"""Characters of an id (OpenID Connect Core 1.0 section 2 allows no more); MyID's have 36."""


class PersonLookup:
    """Asks MyID for one person's name; a courtesy, so every failure means "no name".

    Args:
        api_url: the API base, ending in a slash.
        ca_bundle: path of a PEM file to trust instead of the system's store.
    """

    def __init__(self, api_url: str, ca_bundle: str | None) -> None:
        self._api_url = api_url
        self._http = HTTPClient(api_url, ca_bundle)

    def name(self, person_id: str, auth: Auth, timeout: float) -> str | None:
        """Return the full name, or None where MyID does not tell it.

        Args:
            person_id: the token's ``sub``.
            auth: puts the token on the request.
            timeout: seconds to connect, and seconds between bytes.
        """
        headers = {"Accept": "application/json"}
        try:
            url = f"{self._api_url}people/{_as_part_of_a_path(person_id)}"
            answer = self._http.send("GET", url, timeout=timeout, headers=headers, auth=auth)
            record = json.loads(answer.body) if answer.status == HTTPStatus.OK else None
            return _full_name(record)
        except (
            requests.RequestException,
            AnswerTooLargeError,
            MyIDError,
            ValueError,
            RecursionError,
        ):
            return None

    def abort(self) -> None:
        """End the request under way, from any thread."""
        self._http.abort()


def _as_part_of_a_path(person_id: str) -> str:
    if not 0 < len(person_id) <= _LONGEST_ID or person_id in {".", ".."}:
        raise ValueError("not an id")
    return quote(person_id, safe="")


def _full_name(record: object) -> str | None:
    if not isinstance(record, dict):
        return None
    name = record.get("name")
    parts = name if isinstance(name, dict) else {}
    first_and_last = " ".join(str(parts[key]) for key in ("first", "last") if parts.get(key))
    full_name = parts.get("fullName") or first_and_last or record.get("logonName")
    return outside_text(str(full_name)) if full_name else None


LOOKUP_TIMEOUT = 5.0
"""Seconds to wait for a name; the session works meanwhile."""


class OperatorLookup:
    """Puts the operator's name on a session; leaves only the id where MyID does not tell it.

    A courtesy: nobody waits for it longer than ``LOOKUP_TIMEOUT``, whatever hangs.

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
                wait_for([in_background(self._ask)], LOOKUP_TIMEOUT)
        finally:
            self._lookup.abort()

    async def wait_within(self, patience: float, hurry: asyncio.Event) -> None:
        """Ask, once the session is signed in, and wait for the answer in the running loop.

        Args:
            patience: seconds; ``LOOKUP_TIMEOUT`` where that is less.
            hurry: set when nobody wants to wait any longer.
        """
        hurried = asyncio.create_task(hurry.wait())
        try:
            with contextlib.suppress(MyIDError):  # no thread to ask in
                either: list[asyncio.Future[Any]] = [in_thread(self._ask), hurried]
                await asyncio.wait(
                    either,
                    timeout=min(LOOKUP_TIMEOUT, patience),
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
            name = self._lookup.name(operator.id, self._session.bearer, LOOKUP_TIMEOUT)
        if name is not None and self._session.operator is operator:  # still the same sign-in
            self._session.operator = Operator(id=operator.id, name=name)
