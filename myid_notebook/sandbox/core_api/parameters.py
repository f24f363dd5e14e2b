"""The query parameters that each collection knows: one table for the routes and the OpenAPI file.

MyID ignores parameters that it does not know and returns everybody (Intercede's sample-scripts,
September 2023). Names are compared without regard to case, and an empty value is no filter.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import ge, lt
from typing import Generic, TypeVar

from myid_notebook.sandbox.core_api.errors import invalid
from myid_notebook.sandbox.core_api.records import Json, user_principal_name
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import (
    Certificate,
    CredentialProfile,
    CredentialRequest,
    Device,
    Group,
    Person,
)

T = TypeVar("T")

_Test = Callable[[T, Directory], bool]
_Texts = Callable[[T, Directory], Iterable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Generic[T]):
    """A query parameter of a collection.

    Attributes:
        name: its name, in MyID's spelling.
        meaning: what it selects, in one sentence.
        test: returns the test of an item for a value; raises ProblemError (400) for a value that
            MyID does not accept. None if the parameter is accepted and ignored.
        schema: the OpenAPI schema of its value.
        assumed: whether the name is an assumption.
    """

    name: str
    meaning: str
    test: Callable[[str], _Test[T]] | None
    schema: Json = field(default_factory=lambda: {"type": "string"})
    assumed: bool = False


def matching(
    items: Iterable[T],
    parameters: Iterable[Parameter[T]],
    values: Mapping[str, str],
    directory: Directory,
) -> Iterable[T]:
    """Return the items that match all given values, in their order.

    Args:
        items: the items in the operator's scope.
        parameters: the parameters that the collection knows.
        values: the given values, by names in lower case.
        directory: where items look up their owners and groups.

    Raises:
        ProblemError: 400, if a value is not accepted.
    """
    tests = [
        parameter.test(value)
        for parameter in parameters
        if parameter.test and (value := values.get(parameter.name.lower(), "").strip())
    ]
    if not tests:
        return items
    return (item for item in items if all(test(item, directory) for test in tests))


def described(*parameters: Parameter[T]) -> Json:
    """Return ``parameters`` as members of an OpenAPI operation."""
    return {"parameters": [*map(_openapi_parameter, parameters)]}


def described_collection(*parameters: Parameter[T]) -> Json:
    """Return ``parameters``, and those of every collection, as members of an OpenAPI operation."""
    return {"parameters": [*map(_openapi_parameter, parameters), _openapi_parameter(_START)]}


def _openapi_parameter(parameter: Parameter[T]) -> Json:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.meaning + (" Assumed name." if parameter.assumed else ""),
        "required": False,
        "schema": parameter.schema,
    }


def _words(texts_of: _Texts[T], meaning: str) -> Parameter[T]:
    """Return ``q``: each of its words must be the start of a word in the texts (OC 6.1)."""

    def test(value: str) -> _Test[T]:
        if "*" in value:
            raise invalid("q", value, "must not contain wildcards")
        starts = [re.compile(rf"(?<!\w){re.escape(word)}", re.IGNORECASE) for word in value.split()]
        return lambda item, directory: all(
            any(start.search(text) for text in texts_of(item, directory) if text)
            for start in starts
        )

    return Parameter(name="q", meaning=f"{meaning} No wildcards.", test=test)


def _text(name: str, texts_of: _Texts[T], meaning: str, *, assumed: bool = False) -> Parameter[T]:
    """Return a parameter that is compared with whole texts; ``*`` is a wildcard (OC 4.1)."""

    def test(value: str) -> _Test[T]:
        first, *others = map(re.escape, value.split("*"))
        if others:
            # Atomic groups, so that a value with many stars is compared in linear time too.
            first += "".join(f"(?>.*?{part})" for part in others[:-1]) + f".*{others[-1]}"
        pattern = re.compile(first, re.IGNORECASE | re.DOTALL)
        return lambda item, directory: any(
            text is not None and pattern.fullmatch(text) for text in texts_of(item, directory)
        )

    return Parameter(name=name, meaning=f"{meaning} May contain *.", test=test, assumed=assumed)


def _choice(
    name: str, choices: Mapping[str, object], value_of: Callable[[T], object], meaning: str
) -> Parameter[T]:
    """Return a parameter with a fixed set of values; any other value is refused."""

    def test(value: str) -> _Test[T]:
        if value.lower() not in choices:
            raise invalid(name, value, f"must be one of {', '.join(choices)}")
        wanted = choices[value.lower()]
        return lambda item, _: value_of(item) == wanted

    schema: Json = {"type": "string", "enum": list(choices)}
    return Parameter(name=name, meaning=meaning, test=test, schema=schema, assumed=True)


def _period(after: str, before: str, date_of: Callable[[T], str], what: str) -> list[Parameter[T]]:
    """Return the two bounds of a date: from ``after`` on, and earlier than ``before``."""
    return [
        _bound(after, ge, date_of, f"{what} at this date or later."),
        _bound(before, lt, date_of, f"{what} earlier than this date."),
    ]


def _bound(
    name: str,
    holds: Callable[[datetime, datetime], bool],
    date_of: Callable[[T], str],
    meaning: str,
) -> Parameter[T]:
    def test(value: str) -> _Test[T]:
        bound = _date(value)
        if bound is None:
            raise invalid(name, value, "is not a date in ISO 8601")
        return lambda item, _: (date := _date(date_of(item))) is not None and holds(date, bound)

    schema: Json = {"type": "string", "format": "date"}
    return Parameter(name=name, meaning=meaning, test=test, schema=schema, assumed=True)


def _date(text: str) -> datetime | None:
    """Return ISO 8601 text as a date without an offset, or None."""
    try:
        date = datetime.fromisoformat(text)
        return date.astimezone(UTC).replace(tzinfo=None) if date.tzinfo else date
    except (ValueError, OverflowError):
        return None


def _ignored(name: str, meaning: str) -> Parameter[T]:
    return Parameter(name=name, meaning=meaning, test=None)


def _groups_of(person: Person, directory: Directory) -> tuple[str, ...]:
    parent = directory.groups.get(person.department.parent_id)
    return (person.department.name, *([parent.name] if parent else []))


def _owner_of(device: Device, directory: Directory) -> tuple[str | None, ...]:
    owner = directory.owner_of(device)
    return (owner.employee_id, owner.logon_name) if owner else ()


_YES_AND_NO = {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}
ASSIGNED = "assigned"
"""The parameter of devices without which a search finds only those that somebody holds."""

_EXPIRY = ("expiresAfter", "expiresBefore")

START = "start"
"""The parameter of every collection that names the first row of a page, from 0."""

_START: Parameter[object] = Parameter(
    name=START,
    meaning="Number of the first row to return, from 0; links have it.",
    test=None,  # see pages.py
    schema={"type": "integer", "minimum": 0, "default": 0},
    assumed=True,
)

PEOPLE: tuple[Parameter[Person], ...] = (
    _words(
        lambda person, _: (person.full_name, person.logon_name),
        "Starts of words in the full name or the logon name; all must match.",
    ),
    _text("logonName", lambda person, _: (person.logon_name,), "Logon name."),
    _text("employeeId", lambda person, _: (person.employee_id,), "Employee id."),
    _text("name.first", lambda person, _: (person.first_name,), "First name."),
    _text("name.last", lambda person, _: (person.last_name,), "Surname."),
    _text("group", _groups_of, "Name of the group, or of the group above it.", assumed=True),
    _choice("enabled", _YES_AND_NO, lambda person: person.enabled, "Whether enabled."),
    _text("email", lambda person, _: (person.email,), "Email address.", assumed=True),
    _text(
        "upn",
        lambda person, _: (user_principal_name(person),),
        "User principal name.",
        assumed=True,
    ),
)
"""The parameters of ``people``."""

PERSON: tuple[Parameter[Person], ...] = (
    _ignored("dirInfo", "Accepted and ignored: the sandbox has no directory data."),
)
"""The parameters of one person (CORE 5.1)."""

STATUS_MAPPINGS: tuple[Parameter[Person], ...] = (
    _ignored("op", "The number of the operation; accepted and ignored."),
)
"""The parameters of ``people/{id}/statusMappings``."""

DEVICES: tuple[Parameter[Device], ...] = (
    _text("sn", lambda device, _: (device.serial_number,), "Serial number."),
    _text("owner", _owner_of, "Employee id or logon name of the owner."),
    _text(
        "processStatus", lambda device, _: (device.process_status,), "Process status.", assumed=True
    ),
    _choice(
        ASSIGNED,
        _YES_AND_NO,
        lambda device: bool(device.owner_id),
        "Whether a person holds the device; yes if it is not given.",
    ),
    _text("dt", lambda device, _: (device.device_type,), "Device type.", assumed=True),
    _text(
        "credProfile",
        lambda device, _: (device.profile.name,),
        "Name of the credential profile.",
        assumed=True,
    ),
    *_period(*_EXPIRY, lambda device: device.valid_until, "Expires"),
    *_period("validAfter", "validBefore", lambda device: device.valid_from, "Becomes valid"),
)
"""The parameters of ``devices``."""

CERTIFICATES: tuple[Parameter[Certificate], ...] = (
    _text("certSerialNo", lambda each, _: (each.serial_number,), "Serial number."),
    _choice(
        "status",
        {str(number): number for number in (1, 2, 4, 8, 16, 32, 64)},
        lambda certificate: certificate.status,
        "1 issued, 2 pending issuance, 4 issuance failed, 8 revoked, 16 submitted for issuance, "
        "32 pending revocation, 64 submitted for revocation.",
    ),
    *_period(*_EXPIRY, lambda certificate: certificate.expires, "Expires"),
    _text("policy", lambda each, _: (each.policy,), "Certificate policy.", assumed=True),
)
"""The parameters of ``certificates``."""

REQUESTS: tuple[Parameter[CredentialRequest], ...] = (
    _text("status", lambda request, _: (request.status,), "Status.", assumed=True),
)
"""The parameters of ``requests``."""

GROUPS: tuple[Parameter[Group], ...] = (
    _words(lambda group, _: (group.name,), "Starts of words in the name; all must match."),
)
"""The parameters of ``groups``."""

PROFILES: tuple[Parameter[CredentialProfile], ...] = (
    _words(lambda profile, _: (profile.name,), "Starts of words in the name; all must match."),
)
"""The parameters of ``credProfiles``."""
