"""The operations of the API: from MyID's own description, or from Intercede's publications."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from myid_notebook.explore.api_error import (
    MyIDAPIError,
    error_of,
    path_of,
    unreachable,
)
from myid_notebook.explore.description import Operation, operation_row, published_operations
from myid_notebook.explore.get import read_body
from myid_notebook.explore.rows import Rows
from myid_notebook.explore.view import Origin
from myid_notebook.session.session import BearerSession
from myid_notebook.transport.failure import failure_of

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

_MAX_TEXT = 10_000
"""Characters of a text of a description."""


class Operations(Rows):
    """Rows of operations: all of them are shown, with all of their parameters."""

    max_cell = 1_000


_MAX_PATHS = 10_000
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
    if session is not None:
        session.description = _description(session, place)
    if session is None or session.description is None:
        rows, note = [*published_operations()], NOT_SIGNED_IN if session is None else HOW_TO_PUBLISH
        source = PUBLISHED
    else:
        rows, note, source = session.description, OF_THIS_MYID, "operations of this API"
    found = [row for row in rows if word.casefold() in " ".join(row.values()).casefold()]
    origin = Origin(path=source, complete=True, show_rows=max(len(found), 1))
    return Operations(found, origin), note


def _description(session: BearerSession, given: str | None) -> list[Operation] | None:
    described = _read(session, given)
    clean = partial(session.outside_text, mask_opaque=False, length=_MAX_TEXT)
    return None if described is None else [*_described(described, clean)]


def _read(session: BearerSession, given: str | None) -> dict[str, Any] | None:
    place = given or re.sub(r"api/$", "", session.api_url) + "swagger/OpenApi/swagger.json"
    if not place.lower().startswith(("http:", "https:")):
        return _parsed(Path(place).read_bytes(), place)
    path = path_of(place, session)
    try:
        # Not redirected: the place was chosen by the person who asks, another one by nobody.
        with session.get(place, stream=True, allow_redirects=False) as response:
            body = read_body(response, path)
    except MyIDAPIError:
        raise
    except requests.RequestException as error:
        raise unreachable(failure_of(error, place, "MYID_OPENAPI"), path) from None
    if response.is_redirect:
        raise MyIDAPIError(
            f"{path} leads to {session.outside_text(response.headers['Location'])}, which was not "
            "read. Set MYID_OPENAPI to the address of the API description.",
            path=path,
            status=response.status_code,
            response=response,
        )
    if response.status_code == HTTPStatus.NOT_FOUND and not given:
        return None
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise error_of(response, path, body)
    return _parsed(body, place)


def _parsed(body: bytes, place: str) -> dict[str, Any]:
    parsed: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        parsed = json.loads(body)
    paths = parsed.get("paths") if isinstance(parsed, dict) else None
    if not isinstance(paths, dict) or len(paths) > _MAX_PATHS:
        raise MyIDAPIError(f"{place} is not an OpenAPI description in JSON.", path=place)
    described: dict[str, Any] = parsed
    return described


def _described(description: dict[str, Any], clean: Callable[[str], str]) -> Iterator[Operation]:
    # As MyID writes it; a member that is not of the expected kind is left out.
    for path, item in description["paths"].items():
        shared = _parameters(item)
        for method in _METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                row = operation_row(
                    method.upper(),
                    re.sub(r"^/?(?:rest\.core/)?(?:api/)?", "", path, flags=re.IGNORECASE),
                    [*shared, *_parameters(operation)],
                    _text(operation.get("summary") or operation.get("description")),
                    _permissions(operation),
                )
                yield {name: clean(text) for name, text in row.items()}


def _parameters(holder: object) -> list[str]:
    parameters = holder.get("parameters") if isinstance(holder, dict) else None
    named = (
        each.get("name")
        for each in (parameters if isinstance(parameters, list) else [])
        if isinstance(each, dict) and each.get("in") == "query"
    )
    return [name for name in named if isinstance(name, str)]


def _permissions(operation: dict[str, Any]) -> str:
    # ShowPermissions adds permissions and the roles that have them (CORE 2.2); where is not public.
    found = (value for name, value in operation.items() if "permission" in str(name).lower())
    return "; ".join(_text(value) for value in found)


def _text(value: object, depth: int = 5) -> str:
    # What lies deeper is nothing that anybody could read in a cell.
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        separator = ": " if isinstance(value, dict) else ", "
        return separator.join(_text(each, depth - 1) for each in parts) if depth else ""
    return "" if value is None else str(value)
