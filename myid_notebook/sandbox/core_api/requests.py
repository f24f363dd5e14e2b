"""Requests for a credential (CORE 10)."""

import random
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, Field

from myid_notebook.sandbox.core_api.operator import Reader, Writer
from myid_notebook.sandbox.core_api.problem import ProblemError, not_found
from myid_notebook.sandbox.core_api.record import request_record
from myid_notebook.sandbox.core_api.row import Json, results
from myid_notebook.sandbox.population.organisation import invented_guid
from myid_notebook.sandbox.population.request import CredentialRequest

router = APIRouter(tags=["requests"])


class ProfileBody(BaseModel):
    """A credential profile by its GUID."""

    id: str


class RequestBody(BaseModel):
    """What is requested."""

    profile: ProfileBody = Field(alias="credProfile")


@router.post("/people/{person_id}/requests", summary="Request a credential")
async def add_request(person_id: str, body: RequestBody, operator: Writer) -> Json:
    """Request a credential for a person in scope."""
    person = operator.find_person(person_id)
    profile = operator.directory.profiles.get(body.profile.id.upper())
    if profile is None:
        message = f"Validation problem, the value for 'credProfile.id', '{body.profile.id}', "
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"{message}does not exist")
    request = CredentialRequest(
        id=invented_guid(random.SystemRandom()),
        target_id=person.id,
        profile=profile,
        initiated=datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds"),
    )
    operator.directory.requests[request.id] = request
    return request_record(request, person)


@router.get("/requests", summary="All requests", description="Assumed path. Requests in scope.")
async def all_requests(operator: Reader) -> Json:
    """Return the requests whose target is in scope."""
    people = operator.directory.people
    return results(
        request_record(request, people[request.target_id])
        for request in operator.directory.requests.values()
        if operator.person.reaches(people[request.target_id])
    )


@router.get("/requests/{request_id}", summary="One request", description="Assumed path.")
async def one_request(request_id: str, operator: Reader) -> Json:
    """Return a request whose target is in scope."""
    found = operator.directory.requests.get(request_id.upper())
    if found is None or not operator.person.reaches(operator.directory.people[found.target_id]):
        raise not_found("Request")
    return request_record(found, operator.directory.people[found.target_id])
