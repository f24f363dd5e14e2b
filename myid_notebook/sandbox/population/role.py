"""Roles: what an operator may do, and about whom (CORE 2.2)."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """The people that a granted role reaches, from the narrowest to the widest."""

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
    """A role; its name is also its id, as MyID does."""

    name: str
    permissions: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """A role given to a person together with the scope it has for that person."""

    role: Role
    scope: Scope


CARDHOLDER = Role(name="Cardholder")
APPLICANT = Role(name="Applicant")
ANALYST = Role(name="Analyst", permissions=frozenset({Permission.READ}))
OPERATOR = Role(name="Operator", permissions=frozenset(Permission))
ROLES = (APPLICANT, CARDHOLDER, ANALYST, OPERATOR)
