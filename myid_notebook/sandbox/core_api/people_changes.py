"""Adding, changing and disabling people; each answers with the full record."""

import random
from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, Field

from myid_notebook.sandbox.core_api.operator import Operator, Writer
from myid_notebook.sandbox.core_api.person_body import PersonBody
from myid_notebook.sandbox.core_api.problem import ProblemError
from myid_notebook.sandbox.core_api.record import person_record
from myid_notebook.sandbox.core_api.row import Json
from myid_notebook.sandbox.population.organisation import invented_guid
from myid_notebook.sandbox.population.person import Person

router = APIRouter(prefix="/people", tags=["people"])


class Reason(BaseModel):
    """Why an operation is done."""

    status_mapping_id: int = Field(alias="statusMappingId")
    description: str = ""


class ReasonBody(BaseModel):
    """The body of an operation that needs a reason."""

    reason: Reason


@router.post("", summary="Add a person")
async def add_person(body: PersonBody, operator: Writer) -> Json:
    """Add a person; ``logonName`` and ``group`` are needed, the rest is optional."""
    if body.logon_name is None or body.group is None:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "Validation problem, 'logonName' and 'group.id' are needed"
        )
    nobody = Person(
        id=invented_guid(random.SystemRandom()),
        logon_name=body.logon_name,
        first_name="",
        last_name="",
        department=operator.person.department,
    )
    return _saved(body.applied_to(nobody, operator.directory), operator)


@router.patch("/{person_id}", summary="Change a person")
async def change_person(person_id: str, body: PersonBody, operator: Writer) -> Json:
    """Change the members that are sent and leave the others."""
    person = operator.find_person(person_id)
    return _saved(body.applied_to(person, operator.directory), operator)


@router.post("/{person_id}/disable", summary="Disable a person")
async def disable_person(person_id: str, body: ReasonBody, operator: Writer) -> Json:  # noqa: ARG001 - the reason is asked for, and kept by no one here
    """Disable a person, who then cannot sign in; a reason must be given."""
    return _saved(replace(operator.find_person(person_id), enabled=False), operator)


def _saved(person: Person, operator: Operator) -> Json:
    if not operator.person.reaches(person):
        raise ProblemError(HTTPStatus.FORBIDDEN, "That is outside your scope")
    operator.directory.put(person)
    return person_record(person)
