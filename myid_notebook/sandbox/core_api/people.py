"""Reading people and what they hold (CORE 5.1)."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from myid_notebook.sandbox.core_api.operator import Reader
from myid_notebook.sandbox.core_api.record import person_record
from myid_notebook.sandbox.core_api.row import Json, device_rows, person_rows
from myid_notebook.sandbox.core_api.search import Criterion
from myid_notebook.sandbox.population.person import Person

router = APIRouter(prefix="/people", tags=["people"])

_WHOLE: dict[str, Callable[[Person], str]] = {
    "logonName": lambda person: person.logon_name,
    "employeeId": lambda person: person.employee_id,
    "name.first": lambda person: person.first_name,
    "name.last": lambda person: person.last_name,
}


@router.get("", summary="Search people")
async def search_people(
    operator: Reader,
    q: str | None = None,
    logon_name: Annotated[str | None, Query(alias="logonName")] = None,
    employee_id: Annotated[str | None, Query(alias="employeeId")] = None,
    first: Annotated[str | None, Query(alias="name.first")] = None,
    last: Annotated[str | None, Query(alias="name.last")] = None,
) -> Json:
    """Return the people in scope that match every value given; ``*`` is a wildcard."""
    given = zip(_WHOLE, (logon_name, employee_id, first, last), strict=True)
    criteria = [(_WHOLE[name], Criterion(value)) for name, value in given if value]
    free = Criterion(q) if q else None
    return person_rows(
        person
        for person in operator.visible_people()
        if all(criterion.equals(text_of(person)) for text_of, criterion in criteria)
        and (free is None or free.is_in(_free_texts(person)))
    )


def _free_texts(person: Person) -> tuple[str, ...]:
    return person.first_name, person.last_name, person.full_name, person.logon_name


@router.get("/{person_id}", summary="One person")
async def one_person(person_id: str, operator: Reader) -> Json:
    """Return a person in scope as a nested record; ``dirInfo`` is accepted and ignored."""
    return person_record(operator.find_person(person_id))


@router.get("/{person_id}/devices", summary="Devices of a person")
async def devices_of_person(person_id: str, operator: Reader) -> Json:
    """Return the devices that a person in scope holds, as rows."""
    devices = operator.directory.devices_of(operator.find_person(person_id))
    return device_rows(devices, operator.directory.people)


@router.get("/{person_id}/statusmappings", summary="Reasons for an operation")
async def status_mappings(person_id: str, operator: Reader) -> Json:
    """Return the reasons allowed for an operation (assumed answer)."""
    operator.find_person(person_id)
    reasons = {1: "Left the organisation", 2: "Lost credential", 3: "Investigation"}
    return {"results": [{"id": number, "name": name} for number, name in reasons.items()]}
