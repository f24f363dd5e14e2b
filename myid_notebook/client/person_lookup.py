"""The name of the person who signed in (``GET people/{id}``, MyID Core API guide 5.1)."""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import quote

import requests

from myid_notebook.client.bounded_client import AnswerTooLargeError, Auth, BoundedClient
from myid_notebook.errors import MyIDError
from myid_notebook.oauth.outside_text import outside_text

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
        self._http = BoundedClient(api_url, ca_bundle)

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
