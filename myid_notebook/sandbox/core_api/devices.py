"""Devices, the certificates on them, and requests to issue new ones (CORE 10)."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from myid_notebook.sandbox.core_api.errors import ProblemError, not_found
from myid_notebook.sandbox.core_api.operator import Reader, Writer
from myid_notebook.sandbox.core_api.people import ReasonBody
from myid_notebook.sandbox.core_api.records import (
    Criterion,
    Json,
    certificate_record,
    certificate_rows,
    device_record,
    device_rows,
    request_record,
    results,
)
from myid_notebook.sandbox.population.generator import random_guid
from myid_notebook.sandbox.population.model import REVOKED, CredentialRequest

device_router = APIRouter(tags=["devices and certificates"])
request_router = APIRouter(tags=["requests"])


@device_router.get("/devices", summary="Search devices")
async def search_devices(operator: Reader, sn: str = "*", owner: str = "*") -> Json:
    """Return the devices in scope that match; ``*`` is a wildcard."""
    serial_number, holder = Criterion(sn), Criterion(owner)
    people = operator.directory.people
    return device_rows(
        (
            device
            for device in operator.visible_devices()
            if serial_number.matches(device.serial_number)
            and holder.matches_any(
                (people[device.owner_id].full_name, people[device.owner_id].logon_name)
            )
        ),
        people,
    )


@device_router.get("/devices/{device_id}", summary="One device")
async def one_device(device_id: str, operator: Reader) -> Json:
    """Return the record of a device in scope."""
    device = operator.find_device(device_id)
    return device_record(device, operator.directory.people[device.owner_id])


@device_router.get("/devices/{device_id}/certificates", summary="Certificates on a device")
async def certificates_on_device(device_id: str, operator: Reader) -> Json:
    """Return the certificates on a device in scope."""
    return certificate_rows(operator.directory.certificates_on(operator.find_device(device_id)))


@device_router.post("/devices/{device_id}/cancel", summary="Cancel a device")
async def cancel_device(device_id: str, body: ReasonBody, operator: Writer) -> Json:  # noqa: ARG001 - required, but not stored
    """Cancel a device and revoke its certificates; a reason is required."""
    device = replace(operator.find_device(device_id), process_status="Cancelled")
    directory = operator.directory
    directory.devices[device.id] = device
    for certificate in directory.certificates_on(device):
        directory.certificates[certificate.id] = replace(certificate, status=REVOKED)
    return device_record(device, directory.people[device.owner_id])


@device_router.get("/certificates", summary="Search certificates")
async def search_certificates(
    operator: Reader, serial: Annotated[str, Query(alias="certSerialNo")] = "*"
) -> Json:
    """Return the certificates in scope that match; ``*`` is a wildcard."""
    criterion = Criterion(serial)
    visible = {device.id for device in operator.visible_devices()}
    return certificate_rows(
        each
        for each in operator.directory.certificates.values()
        if each.device_id in visible and criterion.matches(each.serial_number)
    )


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
        message = f"Validation problem, the value for 'credProfile.id', '{body.profile.id}', "
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"{message}does not exist")
    request = CredentialRequest(
        id=random_guid(random.SystemRandom()),
        target_id=person.id,
        profile=profile,
        initiated=datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds"),
    )
    operator.directory.requests[request.id] = request
    return request_record(request, person)


@request_router.get(
    "/requests", summary="All requests", description="Assumed path. Requests in scope."
)
async def all_requests(operator: Reader) -> Json:
    """Return the requests for people in scope."""
    people = operator.directory.people
    return results(
        request_record(request, people[request.target_id])
        for request in operator.directory.requests.values()
        if operator.person.can_see(people[request.target_id])
    )


@request_router.get("/requests/{request_id}", summary="One request", description="Assumed path.")
async def one_request(request_id: str, operator: Reader) -> Json:
    """Return a request for a person in scope."""
    found = operator.directory.requests.get(request_id.upper())
    if found is None or not operator.person.can_see(operator.directory.people[found.target_id]):
        raise not_found("Request")
    return request_record(found, operator.directory.people[found.target_id])
