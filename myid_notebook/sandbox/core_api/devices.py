"""Devices, the certificates on them, and requests to issue new ones (CORE 10)."""

import random
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import chain

from fastapi import APIRouter
from pydantic import BaseModel, Field

from myid_notebook.sandbox.core_api.errors import ProblemError, invalid, not_found
from myid_notebook.sandbox.core_api.operator import Reader, Writer
from myid_notebook.sandbox.core_api.pages import Queried, page
from myid_notebook.sandbox.core_api.parameters import (
    ASSIGNED,
    CERTIFICATES,
    DEVICES,
    REQUESTS,
    described_collection,
    matching,
)
from myid_notebook.sandbox.core_api.people import ReasonBody
from myid_notebook.sandbox.core_api.records import (
    Json,
    certificate_record,
    device_record,
    device_row,
    request_record,
)
from myid_notebook.sandbox.population.generator import random_guid
from myid_notebook.sandbox.population.model import CredentialRequest

device_router = APIRouter(tags=["devices and certificates"])
request_router = APIRouter(tags=["requests"])


@device_router.get(
    "/devices", summary="Search devices", openapi_extra=described_collection(*DEVICES)
)
async def search_devices(operator: Reader, query: Queried) -> Json:
    """Return the devices in scope that match all the given values, by default those of people."""
    directory, devices = operator.directory, operator.visible_devices()
    if query.values.get(ASSIGNED.lower()):
        devices = chain(devices, operator.visible_cancelled())
    found = matching(devices, DEVICES, query.values, directory)
    return page(query, found, lambda each: device_row(each, directory.owner_of(each)))


@device_router.get("/devices/{device_id}", summary="One device")
async def one_device(device_id: str, operator: Reader) -> Json:
    """Return the record of a device in scope."""
    device = operator.find_device(device_id)
    return device_record(device, operator.directory.owner_of(device))


@device_router.get(
    "/devices/{device_id}/certificates",
    summary="Certificates on a device",
    openapi_extra=described_collection(),
)
async def certificates_on_device(device_id: str, operator: Reader, query: Queried) -> Json:
    """Return the certificates on a device in scope."""
    certificates = operator.directory.certificates_on(operator.find_device(device_id))
    return page(query, certificates, certificate_record)


@device_router.post("/devices/{device_id}/cancel", summary="Cancel a device")
async def cancel_device(device_id: str, body: ReasonBody, operator: Writer) -> Json:  # noqa: ARG001 - required, but not stored
    """Take a device from its person and revoke its certificates; a reason is required."""
    device = operator.find_device(device_id)
    if not device.owner_id:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The device is not assigned to anybody")
    return device_record(operator.directory.cancel(device), None)


@device_router.get(
    "/certificates",
    summary="Search certificates",
    openapi_extra=described_collection(*CERTIFICATES),
)
async def search_certificates(operator: Reader, query: Queried) -> Json:
    """Return the certificates whose devices are in scope and that match all the given values."""
    directory = operator.directory
    found = matching(operator.visible_certificates(), CERTIFICATES, query.values, directory)
    return page(query, found, certificate_record)


@device_router.get("/certificates/{certificate_id}", summary="One certificate")
async def one_certificate(certificate_id: str, operator: Reader) -> Json:
    """Return a certificate whose device is in scope."""
    found = operator.directory.certificates.get(certificate_id.upper())
    if found is None:
        raise not_found("Certificate")
    operator.find_device(found.device_id)
    return certificate_record(found)


class ProfileBody(BaseModel):
    """A credential profile, by its GUID."""

    id: str


class RequestBody(BaseModel):
    """The body of a credential request."""

    profile: ProfileBody = Field(alias="credProfile")


@request_router.post("/people/{person_id}/requests", summary="Request a credential")
async def add_request(person_id: str, body: RequestBody, operator: Writer) -> Json:
    """Request a credential for a person in scope."""
    person = operator.find_person(person_id)
    profile = operator.directory.profiles.get(body.profile.id.upper())
    if profile is None:
        raise invalid("credProfile.id", body.profile.id, "does not exist")
    request = CredentialRequest(
        id=random_guid(random.SystemRandom()),
        target_id=person.id,
        maker_id=operator.person.id,
        profile=profile,
        initiated=datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds"),
    )
    operator.directory.requests[request.id] = request
    return request_record(request, operator.directory.people)


@request_router.get(
    "/requests",
    summary="Search requests",
    description="Assumed path. Requests for people in scope.",
    openapi_extra=described_collection(*REQUESTS),
)
async def search_requests(operator: Reader, query: Queried) -> Json:
    """Return the requests for people in scope that match all the given values."""
    directory = operator.directory
    found = matching(operator.visible_requests(), REQUESTS, query.values, directory)
    return page(query, found, lambda each: request_record(each, directory.people))


@request_router.get("/requests/{request_id}", summary="One request", description="Assumed path.")
async def one_request(request_id: str, operator: Reader) -> Json:
    """Return a request for a person in scope."""
    people = operator.directory.people
    found = operator.directory.requests.get(request_id.upper())
    if found is None or not operator.person.can_see(people[found.target_id]):
        raise not_found("Request")
    return request_record(found, people)
