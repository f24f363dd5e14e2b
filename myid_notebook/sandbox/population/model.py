"""The data model: people, roles, groups, devices, certificates and credential requests."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """The people that an operator with a role can see (CORE 2.2), narrowest first."""

    SELF = "self"
    DEPARTMENT = "department"
    DIVISION = "division"
    ALL = "all"


class Permission(StrEnum):
    """What a role allows; the sandbox knows only these two (assumption)."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role. Its name is also its id, as in MyID."""

    name: str
    permissions: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """A role assigned to a person, with the scope it has for that person."""

    role: Role
    scope: Scope


CARDHOLDER = Role(name="Cardholder")
APPLICANT = Role(name="Applicant")
ANALYST = Role(name="Analyst", permissions=frozenset({Permission.READ}))
OPERATOR = Role(name="Operator", permissions=frozenset(Permission))
ROLES = (APPLICANT, CARDHOLDER, ANALYST, OPERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A department, or a division if ``parent_id`` is empty."""

    id: str
    name: str
    parent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityQuestion:
    """A security question that a person has enrolled, with its answer."""

    question: str
    answer: str

    def accepts(self, answer: str) -> bool:
        """Return whether ``answer`` is correct, ignoring case and outer spaces (assumption)."""
        return answer.strip().casefold() == self.answer.strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person known to MyID. A person whose role has permissions is an operator.

    ``employee_id`` is None where the record has no such member. ``cost_centre`` stands for an
    attribute that only this installation has; it is in records, not in rows.
    """

    id: str
    logon_name: str
    first_name: str
    last_name: str
    department: Group
    employee_id: str | None = ""
    enabled: bool = True
    title: str = ""
    email: str = ""
    phone: str = ""
    date_of_birth: str = ""
    address: str = ""
    cost_centre: str = ""
    roles: tuple[RoleGrant, ...] = ()
    questions: tuple[SecurityQuestion, ...] = ()
    authentication_code: str = ""

    @property
    def full_name(self) -> str:
        """First and last name, the form in which MyID displays a person."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def division_id(self) -> str:
        """The GUID of the division that contains this person's department."""
        return self.department.parent_id

    def has_permission(self, permission: Permission) -> bool:
        """Return whether any role of this person includes ``permission``."""
        return any(permission in grant.role.permissions for grant in self.roles)

    @property
    def sees_all(self) -> bool:
        """Whether everybody is in the scope of this operator."""
        return any(grant.scope is Scope.ALL and grant.role.permissions for grant in self.roles)

    def can_see(self, other: "Person") -> bool:
        """Return whether ``other`` is in the scope of this operator (CORE 2.2)."""
        scopes = {grant.scope for grant in self.roles if grant.role.permissions}
        return (
            self.sees_all
            or (Scope.DIVISION in scopes and other.department.parent_id == self.division_id)
            or (Scope.DEPARTMENT in scopes and other.department.id == self.department.id)
            or (Scope.SELF in scopes and other.id == self.id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialProfile:
    """A credential profile: a kind of device that can be issued."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device. The dates are ISO 8601 text without an offset.

    ``owner_id`` is empty once the device is cancelled. ``enabled`` is False while it is disabled,
    for instance because it was left at home; its process status says nothing of that.
    """

    id: str
    owner_id: str
    serial_number: str
    device_type: str
    process_status: str
    profile: CredentialProfile
    valid_from: str
    valid_until: str
    enabled: bool = True


ACTIVE, ERASED = "Active", "Erased"
"""The process statuses of devices that MyID's documents name; the second is a cancelled device's
(assumption)."""

ISSUED, PENDING_ISSUANCE, ISSUANCE_FAILED, REVOKED, PENDING_REVOCATION = 1, 2, 4, 8, 32
"""MyID's numbers for the status of a certificate."""

LOSSES = ("Lost", "Stolen", "Damaged")
"""Reasons for which a device is replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate on a device. The dates are ISO 8601 text without an offset.

    ``container`` is the name of its container, which begins with a PIV tag such as 5FC105.
    """

    id: str
    device_id: str
    serial_number: str
    policy: str
    container: str
    issued: str
    expires: str
    user_dn: str
    status: int = ISSUED


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRequest:
    """A request to issue a credential to a person; ``initiated`` is ISO 8601 without an offset.

    ``reason`` is why a device is replaced; empty for a request that replaces none.
    ``approver_id`` is empty for a request that nobody approved.
    """

    id: str
    target_id: str
    maker_id: str
    approver_id: str = ""
    profile: CredentialProfile
    initiated: str
    status: str = "Awaiting Issue"
    reason: str = ""
