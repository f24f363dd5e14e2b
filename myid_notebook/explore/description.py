"""What is known of the API: from its own description once it is read, or from publications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from myid_notebook.errors import closest
from myid_notebook.session.session import BearerSession
from myid_notebook.untrusted_text import cut

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

Operation = dict[str, str]
"""Method, path, parameters, summary and, where MyID tells them, permissions."""


def published_operations() -> Iterator[Operation]:
    """Yield the operations that Intercede has published."""
    for line in _PUBLISHED.strip().splitlines():
        operation, parameters, summary = (part.strip() for part in line.split("|"))
        method, path = operation.split()
        yield operation_row(method, path, parameters.split(), summary)


def operation_row(
    method: str, path: str, parameters: Iterable[str], summary: str, permissions: str = ""
) -> Operation:
    """Return the row of an operation."""
    row = {
        "method": method,
        "path": path,
        "parameters": ", ".join(parameters),
        "summary": summary,
    }
    return {**row, "permissions": permissions} if permissions else row


def known_parameters(place: str, session: BearerSession | None = None) -> list[str]:
    """Return the known parameters of a search, or none.

    Args:
        place: path of the collection.
        session: that may have read the description of its MyID.
    """
    segments = place.lower().strip("/").split("/")
    found = [
        operation
        for operation in _known(session)
        if operation["method"] == "GET" and _fits(operation["path"].lower().split("/"), segments)
    ]
    # One that names the place comes before one with {id} in it.
    best = min(found, key=lambda operation: operation["path"].count("{"), default=None)
    return [] if best is None else [*filter(None, best["parameters"].split(", "))]


def unknown_name(path: str, session: BearerSession | None, method: str) -> str:
    """Return in a sentence which part of a path no known operation has; empty if all are known.

    Args:
        path: below the API base.
        method: of the operations, in capitals.
        session: that may have read the description of its MyID.
    """
    segments = [*filter(None, path.split("/"))]
    operations = (each for each in _known(session) if each["method"] == method)
    paths = [operation["path"].split("/") for operation in operations]
    for depth, segment in enumerate(segments):
        longer = [each for each in paths if len(each) > depth]
        paths = [each for each in longer if _fits(each[depth : depth + 1], [segment])]
        if not paths:
            below = f" below {'/'.join(segments[:depth])}" if depth else ""
            return _has_no(segment, below, {each[depth] for each in longer}, session)
    return ""


def _has_no(segment: str, below: str, names: set[str], session: BearerSession | None) -> str:
    source, they = "Intercede's publications have", "they have"
    if session is not None and session.description is not None:
        source, they = "MyID's API description has", "it has"
    names = {cut(name, _MAX_NAME) for name in names} - {""}  # "" is that of the API itself
    near = closest(cut(segment.lower(), _MAX_NAME), {name.lower() for name in names})
    ordered = sorted(names, key=lambda name: (name.lower() != near, name))
    more = ", …" if len(ordered) > _MAX_NAMES else ""
    has = f"; {they} {', '.join(ordered[:_MAX_NAMES])}{more}" if ordered else ""
    return f"{source} no {cut(segment, _MAX_NAME)!r}{cut(below)}{has}."


_MAX_NAMES = 12
_MAX_NAME = 60
"""Characters of a name in a message."""


def _known(session: BearerSession | None) -> list[Operation]:
    described = None if session is None else session.description
    return [*published_operations()] if described is None else described


def _fits(template: list[str], segments: list[str]) -> bool:
    pairs = zip(template, segments, strict=False)
    return len(template) == len(segments) and all(
        part.startswith("{") or part.lower() == segment.lower() for part, segment in pairs
    )
