"""Authenticate and authorize calls to the Core API."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Depends
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from myid_notebook.sandbox.core_api.errors import ProblemError, UnauthorizedError, not_found
from myid_notebook.sandbox.installation import Installation, Installed
from myid_notebook.sandbox.population.directory import Directory
from myid_notebook.sandbox.population.model import (
    Certificate,
    CredentialRequest,
    Device,
    Permission,
    Person,
)

T = TypeVar("T")

REQUIRED_SCOPE = "myid.rest.basic"
"""The OAuth scope that a token needs for the Core API."""

_bearer = HTTPBearer(auto_error=False, description="An access token of /web.oauth2/connect/token")


class Operator:
    """The person that an access token acts as, and the records in that person's scope."""

    def __init__(self, person: Person, directory: Directory) -> None:
        self.person = person
        self.directory = directory

    def require(self, permission: Permission) -> None:
        """Check that a role of the operator includes ``permission``.

        Raises:
            ProblemError: 403, if none does.
        """
        if not self.person.has_permission(permission):
            raise ProblemError(HTTPStatus.FORBIDDEN, "Your roles do not permit this operation")

    def visible_people(self) -> Iterable[Person]:
        """Return the people in scope, in the directory's order."""
        return self._visible(self.directory.people, lambda each: each)

    def find_person(self, person_id: str) -> Person:
        """Return a person in scope; case does not matter in ``person_id``.

        Raises:
            ProblemError: 404, if the person does not exist or is out of scope.
        """
        found = self.directory.people.get(person_id.upper())
        if found is None or not self.person.can_see(found):
            raise not_found("Person")
        return found

    def visible_devices(self) -> Iterable[Device]:
        """Return the devices whose owners are in scope."""
        people = self.directory.people
        return self._visible(self.directory.devices, lambda each: people[each.owner_id])

    def visible_cancelled(self) -> Iterable[Device]:
        """Return the devices that nobody holds any more: all or none."""
        return self._visible(self.directory.cancelled, lambda _: None)

    def visible_certificates(self) -> Iterable[Certificate]:
        """Return the certificates whose devices are in scope."""
        directory = self.directory
        return self._visible(
            directory.certificates,
            lambda each: directory.owner_of(directory.device(each.device_id)),
        )

    def visible_requests(self) -> Iterable[CredentialRequest]:
        """Return the requests for people in scope."""
        people = self.directory.people
        return self._visible(self.directory.requests, lambda each: people[each.target_id])

    def _visible(
        self, items: Mapping[str, T], person_of: Callable[[T], Person | None]
    ) -> Iterable[T]:
        # Without a test of each, the last of 200,000 is as near as the first.
        if self.person.sees_all:
            return items.values()
        return (each for each in items.values() if self._sees(person_of(each)))

    def _sees(self, person: Person | None) -> bool:
        """Return whether ``person`` is in scope; for None, whether everybody is."""
        return self.person.sees_all if person is None else self.person.can_see(person)

    def find_device(self, device_id: str) -> Device:
        """Return a device in scope; case does not matter in ``device_id``.

        One that nobody holds is in the scope of who sees everybody (assumption).

        Raises:
            ProblemError: 404, if the device does not exist or is out of scope.
        """
        found = self.directory.device(device_id.upper())
        if found is None or not self._sees(self.directory.owner_of(found)):
            raise not_found("Device")
        return found


def _person_of(claims: dict[str, object], installation: Installation) -> Person | None:
    # A token of the client credentials grant has no sub.
    subject = claims.get("sub")
    if subject is not None:
        return installation.directory.people.get(str(subject))
    client = installation.clients.get(str(claims.get("client_id")))
    return installation.directory.by_logon_name(client.logon_name) if client else None


async def _operator(
    installation: Installed,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Operator:
    if credentials is None:
        raise UnauthorizedError("Bearer")
    claims = installation.signer.validate(credentials.credentials)
    person = _person_of(claims, installation) if claims else None
    refused = installation.faults.refuses(credentials.credentials)
    if claims is None or person is None or not person.enabled or refused:
        raise UnauthorizedError(installation.faults.api_challenge)
    scopes = claims.get("scope")
    if not isinstance(scopes, list) or REQUIRED_SCOPE not in scopes:
        raise ProblemError(HTTPStatus.FORBIDDEN, "The token is not for this API")
    return Operator(person, installation.directory)


def _reader(operator: Annotated[Operator, Depends(_operator)]) -> Operator:
    operator.require(Permission.READ)
    return operator


def _writer(operator: Annotated[Operator, Depends(_operator)]) -> Operator:
    operator.require(Permission.WRITE)
    return operator


def permission_of(route: APIRoute) -> Permission:
    """Return the permission that a route requires."""
    permissions = {_reader: Permission.READ, _writer: Permission.WRITE}
    calls = [each.call for each in route.dependant.dependencies]
    return next(permissions[call] for call in calls if call in permissions)


Reader = Annotated[Operator, Depends(_reader)]
"""The operator parameter of a route that reads; requires a token and read permission."""

Writer = Annotated[Operator, Depends(_writer)]
"""The operator parameter of a route that writes; requires a token and write permission."""
