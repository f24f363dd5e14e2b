"""A person, with what that person signs in with."""

from dataclasses import dataclass

from myid_notebook.sandbox.population.organisation import Group
from myid_notebook.sandbox.population.role import Permission, RoleGrant, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityQuestion:
    """A security phrase a person has enrolled: the question and its answer."""

    question: str
    answer: str

    def accepts(self, answer: str) -> bool:
        """Tell whether ``answer`` is right; case and outer spaces do not matter (assumption)."""
        return answer.strip().casefold() == self.answer.strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person known to MyID; who holds a role with permissions is also an operator."""

    id: str
    logon_name: str
    first_name: str
    last_name: str
    department: Group
    employee_id: str = ""
    enabled: bool = True
    title: str = ""
    email: str = ""
    phone: str = ""
    date_of_birth: str = ""
    address: str = ""
    roles: tuple[RoleGrant, ...] = ()
    questions: tuple[SecurityQuestion, ...] = ()
    authentication_code: str = ""

    @property
    def full_name(self) -> str:
        """First and last name, as MyID shows a person."""
        return f"{self.first_name} {self.last_name}".strip()

    def may(self, permission: Permission) -> bool:
        """Tell whether any role of this person gives ``permission``."""
        return any(permission in grant.role.permissions for grant in self.roles)

    def reaches(self, other: "Person") -> bool:
        """Tell whether ``other`` is in the scope of this operator (CORE 2.2)."""
        scopes = {grant.scope for grant in self.roles if grant.role.permissions}
        return (
            Scope.ALL in scopes
            or (Scope.DIVISION in scopes and other.department.parent_id == self.division_id)
            or (Scope.DEPARTMENT in scopes and other.department.id == self.department.id)
            or (Scope.SELF in scopes and other.id == self.id)
        )

    @property
    def division_id(self) -> str:
        """The GUID of the division that holds this person's department."""
        return self.department.parent_id
