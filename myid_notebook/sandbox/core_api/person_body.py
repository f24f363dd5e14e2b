"""What may be sent to add or change a person (facts of CORE's samples), checked and applied."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from myid_notebook.sandbox.core_api.problem import ProblemError
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.organisation import Group
from myid_notebook.sandbox.population.person import Person
from myid_notebook.sandbox.population.role import ROLES, RoleGrant, Scope


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class NameBody(_Body):
    """The parts of a name."""

    first: str | None = None
    last: str | None = None
    title: str | None = None


class ContactBody(_Body):
    """How to reach a person."""

    email_address: str | None = None
    phone_number: str | None = None


class GroupBody(_Body):
    """A department by its GUID."""

    id: str


class RoleBody(_Body):
    """A role to give; its id is its name."""

    id: str
    scope: Scope


class PersonBody(_Body):
    """A person, or the members of one that are to change; unknown members are ignored."""

    logon_name: str | None = None
    employee_id: str | None = None
    enabled: Literal[0, 1, "0", "1"] | None = None
    name: NameBody = NameBody()
    contact: ContactBody = ContactBody()
    group: GroupBody | None = None
    roles: list[RoleBody] | None = None

    def applied_to(self, person: Person, directory: Directory) -> Person:
        """Return ``person`` with the members that were sent.

        Raises:
            ProblemError: 400, the logon name is taken or empty, or a group or role is unknown.
        """
        texts: dict[str, Any] = {  # Any, because replace() takes members of many types
            "logon_name": self._free_logon_name(person, directory),
            "employee_id": self.employee_id,
            "first_name": self.name.first,
            "last_name": self.name.last,
            "title": self.name.title,
            "email": self.contact.email_address,
            "phone": self.contact.phone_number,
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
            raise _invalid("logonName", self.logon_name, "is empty")
        holder = directory.by_logon_name(self.logon_name)
        if holder is not None and holder.id != person.id:
            raise _invalid("logonName", self.logon_name, "already exists")
        return self.logon_name.strip()


def _department(group_id: str, directory: Directory) -> Group:
    group = directory.groups.get(group_id.upper())
    if group is None or not group.parent_id:
        raise _invalid("group.id", group_id, "does not exist")
    return group


def _grant(body: RoleBody) -> RoleGrant:
    for role in ROLES:
        if role.name.casefold() == body.id.casefold():
            return RoleGrant(role=role, scope=body.scope)
    raise _invalid("roles.id", body.id, "does not exist")


def _invalid(member: str, value: str, reason: str) -> ProblemError:
    message = f"Validation problem, the value for '{member}', '{value}', {reason}"
    return ProblemError(HTTPStatus.BAD_REQUEST, message)
