"""Devices and the certificates on them."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from myid_notebook.sandbox.core_api.operator import Reader, Writer
from myid_notebook.sandbox.core_api.people_changes import ReasonBody
from myid_notebook.sandbox.core_api.problem import not_found
from myid_notebook.sandbox.core_api.record import device_record
from myid_notebook.sandbox.core_api.row import (
    Json,
    certificate_record,
    certificate_rows,
    device_rows,
)
from myid_notebook.sandbox.core_api.search import Criterion
from myid_notebook.sandbox.population.device import REVOKED

router = APIRouter(tags=["devices and certificates"])


@router.get("/devices", summary="Search devices")
async def search_devices(operator: Reader, sn: str = "*", owner: str = "*") -> Json:
    """Return the devices in scope by serial number and by owner; ``*`` is a wildcard."""
    serial_number, holder = Criterion(sn), Criterion(owner)
    people = operator.directory.people
    return device_rows(
        (
            device
            for device in operator.visible_devices()
            if serial_number.equals(device.serial_number)
            and holder.is_in(
                (people[device.owner_id].full_name, people[device.owner_id].logon_name)
            )
        ),
        people,
    )


@router.get("/devices/{device_id}", summary="One device")
async def one_device(device_id: str, operator: Reader) -> Json:
    """Return a device in scope as a nested record."""
    device = operator.find_device(device_id)
    return device_record(device, operator.directory.people[device.owner_id])


@router.get("/devices/{device_id}/certificates", summary="Certificates on a device")
async def certificates_on_device(device_id: str, operator: Reader) -> Json:
    """Return the certificates on a device in scope."""
    return certificate_rows(operator.directory.certificates_on(operator.find_device(device_id)))


@router.post("/devices/{device_id}/cancel", summary="Cancel a device")
async def cancel_device(device_id: str, body: ReasonBody, operator: Writer) -> Json:  # noqa: ARG001 - the reason is asked for, and kept by no one here
    """Cancel a device and revoke its certificates; a reason must be given."""
    device = replace(operator.find_device(device_id), process_status="Cancelled")
    directory = operator.directory
    directory.devices[device.id] = device
    for certificate in directory.certificates_on(device):
        directory.certificates[certificate.id] = replace(certificate, status=REVOKED)
    return device_record(device, directory.people[device.owner_id])


@router.get("/certificates", summary="Search certificates")
async def search_certificates(
    operator: Reader, serial: Annotated[str, Query(alias="certSerialNo")] = "*"
) -> Json:
    """Return the certificates in scope by serial number; ``*`` is a wildcard."""
    criterion = Criterion(serial)
    visible = {device.id for device in operator.visible_devices()}
    return certificate_rows(
        each
        for each in operator.directory.certificates.values()
        if each.device_id in visible and criterion.equals(each.serial_number)
    )


@router.get("/certificates/{certificate_id}", summary="One certificate")
async def one_certificate(certificate_id: str, operator: Reader) -> Json:
    """Return a certificate whose device is in scope."""
    found = operator.directory.certificates.get(certificate_id.upper())
    if found is None:
        raise not_found("Certificate")
    operator.find_device(found.device_id)
    return certificate_record(found)
