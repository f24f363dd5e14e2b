"""Search, read, add, change and disable people (CORE 5.1)."""

import random
from dataclasses import replace
from http import HTTPStatus
from itertools import chain
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from myid_notebook.sandbox.core_api.errors import ProblemError, invalid
from myid_notebook.sandbox.core_api.operator import Operator, Reader, Writer
from myid_notebook.sandbox.core_api.pages import Queried, page
from myid_notebook.sandbox.core_api.parameters import (
    PEOPLE,
    PERSON,
    STATUS_MAPPINGS,
    described,
    described_collection,
    matching,
)
from myid_notebook.sandbox.core_api.records import Json, device_row, person_record, person_row
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.generator import random_guid
from myid_notebook.sandbox.population.model import ROLES, Group, Person, RoleGrant, Scope

router = APIRouter(prefix="/people", tags=["people"])


@router.get("", summary="Search people", openapi_extra=described_collection(*PEOPLE))
async def search_people(operator: Reader, query: Queried) -> Json:
    """Return the people in scope that match all the given values."""
    directory = operator.directory
    found = iter(matching(operator.visible_people(), PEOPLE, query.values, directory))
    first = next(found, None)
    response = page(query, chain((first,), found) if first else (), person_row)
    if query.faults.api_change and first:
        _add_in_front(first, directory)
    return response


def _add_in_front(person: Person, directory: Directory) -> None:
    """Add somebody who comes before ``person`` in every search that finds ``person`` by name."""
    guid = random_guid(random.SystemRandom())
    nobody = replace(person, roles=(), questions=(), authentication_code="")
    added = replace(nobody, id=guid, logon_name=guid.lower())
    directory.put(added)
    directory.people = {added.id: added, **directory.people}


@router.get("/{person_id}", summary="One person", openapi_extra=described(*PERSON))
async def one_person(person_id: str, operator: Reader) -> Json:
    """Return the record of a person in scope."""
    return person_record(operator.find_person(person_id))


@router.get(
    "/{person_id}/devices", summary="Devices of a person", openapi_extra=described_collection()
)
async def devices_of_person(person_id: str, operator: Reader, query: Queried) -> Json:
    """Return the devices that a person in scope holds."""
    person = operator.find_person(person_id)
    devices = operator.directory.devices_of(person)
    return page(query, devices, lambda device: device_row(device, person))


@router.get(
    "/{person_id}/statusmappings",
    summary="Reasons for an operation",
    openapi_extra=described(*STATUS_MAPPINGS),
)
async def status_mappings(person_id: str, operator: Reader) -> Json:
    """Return the reasons allowed for an operation (assumed response)."""
    operator.find_person(person_id)
    reasons = {1: "Left the organisation", 2: "Lost credential", 3: "Investigation"}
    return {"results": [{"id": number, "name": name} for number, name in reasons.items()]}


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class NameBody(_Body):
    """The parts of a name."""

    first: str | None = None
    last: str | None = None
    title: str | None = None


class ContactBody(_Body):
    """The contact details of a person."""

    email_address: str | None = None
    phone_number: str | None = None


class ExtensionBody(_Body):
    """The attributes that only this installation has."""

    cost_centre: str | None = None


class GroupBody(_Body):
    """A department, by its GUID."""

    id: str


class RoleBody(_Body):
    """A role to assign, by its name, which is its id."""

    id: str
    scope: Scope


class PersonBody(_Body):
    """A person to add, or the members to change; unknown members are ignored."""

    logon_name: str | None = None
    employee_id: str | None = None
    enabled: Literal[0, 1, "0", "1"] | None = None
    name: NameBody = NameBody()
    contact: ContactBody = ContactBody()
    extension: ExtensionBody = ExtensionBody()
    group: GroupBody | None = None
    roles: list[RoleBody] | None = None

    def applied_to(self, person: Person, directory: Directory) -> Person:
        """Return a copy of ``person`` with the members that were sent.

        Raises:
            ProblemError: 400, if the logon name is taken or empty, or a group or role is
                unknown.
        """
        texts: dict[str, Any] = {  # replace() takes values of many types
            "logon_name": self._free_logon_name(person, directory),
            "employee_id": self.employee_id,
            "first_name": self.name.first,
            "last_name": self.name.last,
            "title": self.name.title,
            "email": self.contact.email_address,
            "phone": self.contact.phone_number,
            "cost_centre": self.extension.cost_centre,
        }
        person = replace(person, **{name: text for name, text in texts.items() if text is not None})
        if self.enabled is not None:
            person = replace(person, enabled=bool(int(self.enabled)))
        if self.group is not None:
            person = replace(person, department=_department(self.group.id, directory))
        if self.roles is not None:
            person = replace(person, roles=tuple(_grant(role) for role in self.roles))
        return person

    def _free_logon_name(self, person: Person, directory: Directory) -> str | None:
        if self.logon_name is None:
            return None
        if not self.logon_name.strip():
            raise invalid("logonName", self.logon_name, "is empty")
        holder = directory.by_logon_name(self.logon_name)
        if holder is not None and holder.id != person.id:
            raise invalid("logonName", self.logon_name, "already exists")
        return self.logon_name.strip()


def _department(group_id: str, directory: Directory) -> Group:
    group = directory.groups.get(group_id.upper())
    if group is None or not group.parent_id:
        raise invalid("group.id", group_id, "does not exist")
    return group


def _grant(body: RoleBody) -> RoleGrant:
    for role in ROLES:
        if role.name.casefold() == body.id.casefold():
            return RoleGrant(role=role, scope=body.scope)
    raise invalid("roles.id", body.id, "does not exist")


class Reason(BaseModel):
    """The reason for an operation."""

    status_mapping_id: int = Field(alias="statusMappingId")
    description: str = ""


class ReasonBody(BaseModel):
    """The body of an operation that requires a reason."""

    reason: Reason


@router.post("", summary="Add a person")
async def add_person(body: PersonBody, operator: Writer) -> Json:
    """Add a person; ``logonName`` and ``group`` are required."""
    if body.logon_name is None or body.group is None:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "Validation problem, 'logonName' and 'group.id' are required"
        )
    blank = Person(
        id=random_guid(random.SystemRandom()),
        logon_name=body.logon_name,
        first_name="",
        last_name="",
        employee_id=None,
        department=operator.person.department,
    )
    return _saved(body.applied_to(blank, operator.directory), operator)


@router.patch("/{person_id}", summary="Change a person")
async def change_person(person_id: str, body: PersonBody, operator: Writer) -> Json:
    """Change the members that are sent; leave the others unchanged."""
    person = operator.find_person(person_id)
    return _saved(body.applied_to(person, operator.directory), operator)


@router.post("/{person_id}/disable", summary="Disable a person")
async def disable_person(person_id: str, body: ReasonBody, operator: Writer) -> Json:  # noqa: ARG001 - required, but not stored
    """Disable a person, who can then no longer sign in; a reason is required."""
    return _saved(replace(operator.find_person(person_id), enabled=False), operator)


def _saved(person: Person, operator: Operator) -> Json:
    if not operator.person.can_see(person):
        raise ProblemError(HTTPStatus.FORBIDDEN, "The person would be outside your scope")
    operator.directory.put(person)
    return person_record(person)
