"""Look up the operator's name; best effort, at most 5 seconds (MyID Core API guide 5.1)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from myid_notebook.errors import MyIDError
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.session.bearer import BearerAuth
from myid_notebook.session.session import BearerSession
from myid_notebook.session.state import Operator
from myid_notebook.threads import await_in_thread, run_in_thread
from myid_notebook.transport.client import HTTPClient
from myid_notebook.untrusted_text import outside_text

LOOKUP_TIMEOUT = 5.0
"""Seconds to wait for a name; the session works meanwhile."""

_MAX_ID = 255
"""Characters of an id (OpenID Connect Core 1.0 section 2 allows no more); MyID's have 36."""


class OperatorLookup:
    """One request for the name of the person a token stands for (``GET people/{id}``).

    Args:
        api_url: the API base, ending in a slash.
        ca_bundle: path of a PEM file to trust instead of the system's store.
    """

    def __init__(self, api_url: str, ca_bundle: str | None) -> None:
        self._api_url = api_url
        self._client = HTTPClient(api_url, ca_bundle)

    def name(self, token: TokenResponse) -> str | None:
        """Return the full name, or None if MyID does not tell it, whatever the reason."""
        auth = BearerAuth(self._api_url, "")
        auth.token = token
        # The name is a courtesy: of all that may fail in a sign-in, it matters least.
        with contextlib.suppress(Exception):
            response = self._client.send(
                "GET",
                person_url(self._api_url, token.subject or ""),
                timeout=LOOKUP_TIMEOUT,
                headers={"Accept": "application/json"},
                auth=auth,
            )
            if response.status == HTTPStatus.OK:
                return _full_name(json.loads(response.body), auth.hidden)
        return None

    def abort(self) -> None:
        """End the request under way, from any thread."""
        self._client.abort()


async def name_operator(
    session: BearerSession, lookup: OperatorLookup, seconds: float, ended: asyncio.Event
) -> None:
    """Give the operator of a session their name, if MyID tells it in time.

    Args:
        seconds: to wait at most.
        ended: set when nobody waits for the name any more.
    """
    token, operator = session.bearer.token, session.operator
    if token is None or operator is None or operator.id is None:
        return
    ending = asyncio.create_task(ended.wait())
    try:
        with contextlib.suppress(MyIDError):  # no thread to ask in
            name = await_in_thread(lambda: lookup.name(token))
            either: list[asyncio.Future[Any]] = [name, ending]
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            # The same operator still: somebody else may have signed in meanwhile.
            if name.done() and name.result() and session.operator is operator:
                session.operator = replace(operator, name=name.result())
    finally:
        ending.cancel()
        lookup.abort()


def look_up_operator(token: TokenResponse, api_url: str, ca_bundle: str | None) -> Operator:
    """Return who a token stands for, with a name if MyID tells it in time."""
    lookup, name = OperatorLookup(api_url, ca_bundle), None
    try:
        with contextlib.suppress(MyIDError, TimeoutError):  # no thread, or no response in time
            name = run_in_thread(lambda: lookup.name(token)).result(LOOKUP_TIMEOUT)
    finally:
        lookup.abort()
    return Operator(id=token.subject, name=name)


def person_url(api_url: str, person_id: str) -> str:
    """Return the URL of a person's record.

    Raises:
        ValueError: it is no id.
    """
    if not 0 < len(person_id) <= _MAX_ID or person_id in {".", ".."}:
        raise ValueError("not an id")
    return f"{api_url}people/{quote(person_id, safe='')}"


def _full_name(record: object, hidden: Iterable[str] = ()) -> str | None:
    if not isinstance(record, dict):
        return None
    name = record.get("name")
    parts = name if isinstance(name, dict) else {}
    texts = {key: value for key, value in parts.items() if isinstance(value, str)}
    first_and_last = " ".join(texts[key] for key in ("first", "last") if texts.get(key))
    full_name = texts.get("fullName") or first_and_last or record.get("logonName")
    return outside_text(full_name, hidden) if isinstance(full_name, str) and full_name else None
