"""The operations of the API: from MyID's own description, or from Intercede's publications."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from myid_notebook.explore.api_error import MyIDAPIError, error_of
from myid_notebook.explore.get import MAX_BODY
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.view import Origin
from myid_notebook.session.session import BearerSession

PUBLISHED = "operations from Intercede's publications"
"""The path of rows that do not come from a MyID."""

HOW_TO_PUBLISH = (
    "This MyID does not publish its API description, so these operations come from Intercede's "
    "publications; your MyID may have others. A MyID administrator can publish it: in the settings "
    'of rest.core, "SwaggerApiDocumentation": {"GenerateDocumentation": true}, then restart IIS. '
    "Or set MYID_OPENAPI to a file that contains it."
)

OF_THIS_MYID = "These are the operations of this MyID, from its own API description."

NOT_SIGNED_IN = (
    "These operations come from Intercede's publications. Sign in (%myid_login) to see those of "
    "your MyID."
)

_PUBLISHED = """
GET people | q logonName employeeId name.first name.last | Search people
GET people/{id} | dirInfo | One person
POST people | | Add a person
PATCH people/{id} | | Change a person
DELETE people/{id} | | Remove a person
GET people/{id}/devices | | Devices of a person
POST people/{id}/requests | f op | Request a device for a person
GET people/{id}/statusMappings | op | Reasons allowed for an operation
POST people/{id}/disable | | Disable a person
POST people/{id}/approve | | Approve the data of a person
POST people/{id}/DirSync | | Update a person from the directory
GET devices | sn owner | Search devices
GET devices/{id} | | One device
PATCH devices/{id} | | Change a device
GET devices/{id}/certificates | | Certificates on a device
POST devices/{id}/cancel | | Cancel a device
POST devices/{id}/certificateRecovery | | Recover certificates to a device
GET certificates | certSerialNo | Search certificates
GET certificates/{id} | | One certificate
GET groups | q | Search groups
GET groups/browse | | The tree of groups
GET roles | | All roles
GET credProfiles | q | Search credential profiles
GET credProfiles/{id} | | One credential profile
GET dirs | | Directories
GET dirs/{id}/people | ldap.LogonName | Search a directory
"""
"""Operations that Intercede's guides, samples and pictures show (CORE 5, 10; toolkit samples)."""


class Operations(Rows):
    """Rows of operations: all of them are shown, with all of their parameters."""

    max_cell = 1_000


_METHODS = ("get", "post", "put", "patch", "delete")


def operations(
    session: BearerSession | None, word: str = "", place: str | None = None
) -> tuple[Rows, str]:
    """Return the operations of the API whose text contains a word.

    Args:
        session: signed in, to read MyID's own description with; None for the published ones.
        word: part of a path, a parameter, a summary, a permission or a role; case is ignored.
        place: URL or path of MyID's own description; None for the usual URL.

    Returns:
        Rows with method, path, parameters, summary and, where MyID tells them, permissions; and
        what to say about where they come from.

    Raises:
        MyIDAPIError: the description could not be read, for another reason than that there is none.
    """
    description = None if session is None else _description(session, place)
    if description is None:
        rows, note = [*_published()], NOT_SIGNED_IN if session is None else HOW_TO_PUBLISH
        source = PUBLISHED
    else:
        rows, note, source = [*_described(description)], OF_THIS_MYID, "operations of this API"
    found = [row for row in rows if word.casefold() in " ".join(row.values()).casefold()]
    origin = Origin(path=source, complete=True, show_rows=max(len(found), 1))
    return Operations(found, origin), note


def known_parameters(place: str) -> list[str]:
    """Return the published parameters of a search.

    Args:
        place: path of the collection, in lower case.
    """
    for row in _published():
        if row["method"] == "GET" and row["path"].lower() == place:
            return row["parameters"].split(", ") if row["parameters"] else []
    return []


def _published() -> Iterator[dict[str, str]]:
    for line in _PUBLISHED.strip().splitlines():
        operation, parameters, summary = (part.strip() for part in line.split("|"))
        method, path = operation.split()
        yield _row(method, path, parameters.split(), summary)


def _row(
    method: str, path: str, parameters: Iterable[str], summary: str, permissions: str = ""
) -> dict[str, str]:
    row = {
        "method": method,
        "path": path,
        "parameters": ", ".join(parameters),
        "summary": summary,
    }
    return {**row, "permissions": permissions} if permissions else row


def _description(session: BearerSession, given: str | None) -> dict[str, Any] | None:
    place = given or re.sub(r"api/$", "", session.api_url) + "swagger/OpenApi/swagger.json"
    if not place.lower().startswith(("http:", "https:")):
        return _parsed(Path(place).read_bytes(), place)
    with session.get(place, stream=True) as response:
        body = response.raw.read(MAX_BODY, decode_content=True)
    if response.status_code == HTTPStatus.NOT_FOUND and not given:
        return None
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise error_of(response, urlsplit(place).path, body)
    return _parsed(body, place)


def _parsed(body: bytes, place: str) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("paths"), dict):
        raise MyIDAPIError(f"{place} is not an OpenAPI description in JSON.", path=place)
    return parsed


def _described(description: dict[str, Any]) -> Iterator[dict[str, str]]:
    # As MyID writes it; a member that is not of the expected kind is left out.
    for path, item in description["paths"].items():
        shared = _parameters(item)
        for method in _METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                yield _row(
                    method.upper(),
                    re.sub(r"^/?(?:rest\.core/)?(?:api/)?", "", str(path), flags=re.IGNORECASE),
                    [*shared, *_parameters(operation)],
                    _text(operation.get("summary") or operation.get("description")),
                    _permissions(operation),
                )


def _parameters(holder: object) -> list[str]:
    parameters = holder.get("parameters") if isinstance(holder, dict) else None
    return [
        str(each.get("name"))
        for each in (parameters if isinstance(parameters, list) else [])
        if isinstance(each, dict) and each.get("in") == "query"
    ]


def _permissions(operation: dict[str, Any]) -> str:
    # ShowPermissions adds permissions and the roles that have them (CORE 2.2); where is not public.
    found = (value for name, value in operation.items() if "permission" in str(name).lower())
    return "; ".join(_text(value) for value in found)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ": ".join(_text(each) for each in value.values())
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return "" if value is None else " ".join(str(value).split())
