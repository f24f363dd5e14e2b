"""Rows of a search: flat, and with ``enabled`` as a word."""

from collections.abc import Iterable, Iterator
from itertools import islice

from myid_notebook.sandbox.core_api.search import MAX_ROWS
from myid_notebook.sandbox.population.device import Certificate, Device
from myid_notebook.sandbox.population.person import Person

Json = dict[str, object]


def results(rows: Iterator[Json]) -> Json:
    """Return the answer of a search: the first 200 rows, without a word about the rest."""
    return {"results": list(islice(rows, MAX_ROWS))}


def person_rows(people: Iterable[Person]) -> Json:
    """Return people as search rows."""
    return results(
        {
            "id": person.id,
            "href": f"people/{person.id}",
            "logonName": person.logon_name,
            "firstName": person.first_name,
            "surname": person.last_name,
            "fullName": person.full_name,
            "employeeId": person.employee_id,
            "emailAddress": person.email,
            "groupName": person.department.name,
            "enabled": "Yes" if person.enabled else "No",
        }
        for person in people
    )


def device_rows(devices: Iterable[Device], people: dict[str, Person]) -> Json:
    """Return devices as search rows.

    Args:
        devices: the devices.
        people: everybody by GUID, to name the owners.
    """
    return results(
        {
            "id": device.id,
            "href": f"devices/{device.id}",
            "sn": device.serial_number,
            "dt": device.device_type,
            "processStatus": device.process_status,
            "owner": people[device.owner_id].full_name,
            "credProfileName": device.profile.name,
            "validFrom": device.valid_from,
            "validUntil": device.valid_until,
        }
        for device in devices
    )


def certificate_rows(certificates: Iterable[Certificate]) -> Json:
    """Return certificates as search rows, which have all that the record has."""
    return results(certificate_record(certificate) for certificate in certificates)


def certificate_record(certificate: Certificate) -> Json:
    """Return a certificate; ``status`` is a number of MyID's."""
    return {
        "id": certificate.id,
        "href": f"certificates/{certificate.id}",
        "certSerialNo": certificate.serial_number,
        "certPolicy": certificate.policy,
        "containerName": f"{certificate.policy} container",
        "dateIssued": certificate.issued,
        "expiryDate": certificate.expires,
        "userDN": certificate.user_dn,
        "status": certificate.status,
    }
