"""Search values, the rows that a search returns, and single records.

A row is flat and has ``enabled`` as "Yes" or "No". A record is nested, has ``enabled`` as 1 or 0,
and has links to the operations that are possible next.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from myid_notebook.sandbox.population.model import Certificate, CredentialRequest, Device, Person

Json = dict[str, object]

MAX_ROWS = 200
"""MyID returns at most this many rows of a search (OC 3.3)."""


class Criterion:
    """A search value: case is ignored, and ``*`` is a wildcard (OC 4.1)."""

    def __init__(self, value: str) -> None:
        value = value.strip()
        self._has_wildcard = "*" in value
        parts = (re.escape(part) for part in value.split("*"))
        self._pattern = re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)

    def matches(self, text: str) -> bool:
        """Return whether the whole ``text`` matches."""
        return bool(self._pattern.fullmatch(text))

    def matches_any(self, texts: Iterable[str]) -> bool:
        """Return whether any of ``texts`` matches or, if there is no wildcard, contains it."""
        match = self._pattern.fullmatch if self._has_wildcard else self._pattern.search
        return any(match(text) for text in texts)


def results(rows: Iterator[Json]) -> Json:
    """Return the response of a search: the first 200 rows, with no hint that there are more."""
    return {"results": list(islice(rows, MAX_ROWS))}


def person_rows(people: Iterable[Person]) -> Json:
    """Return people as rows of a search."""
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
    """Return devices as rows of a search; ``people`` has the owners by GUID."""
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
    """Return certificates as rows of a search."""
    return results(certificate_record(certificate) for certificate in certificates)


def certificate_record(certificate: Certificate) -> Json:
    """Return a certificate, which has the same members as a row and as a record."""
    return {
        "id": certificate.id,
        "href": f"certificates/{certificate.id}",
        "certSerialNo": certificate.serial_number,
        "certPolicy": certificate.policy,
        "containerName": certificate.container,
        "dateIssued": certificate.issued,
        "expiryDate": certificate.expires,
        "userDN": certificate.user_dn,
        "status": certificate.status,
    }


def person_record(person: Person) -> Json:
    """Return the record of a person."""
    return {
        "id": person.id,
        "logonName": person.logon_name,
        "employeeId": person.employee_id,
        "enabled": int(person.enabled),
        "name": {
            "first": person.first_name,
            "last": person.last_name,
            "fullName": person.full_name,
            "title": person.title,
        },
        "contact": {"emailAddress": person.email, "phoneNumber": person.phone},
        "group": {"id": person.department.id, "name": person.department.name},
        "roles": [
            {"id": grant.role.name, "name": grant.role.name, "scope": grant.scope}
            for grant in person.roles
        ],
        "account": _account(person),
        "personal": {"dateOfBirth": person.date_of_birth},
        "address": {"line1": person.address},
        "links": _person_links(person),
    }


def _account(person: Person) -> Json:
    return {
        "dn": f"CN={person.full_name},OU={person.department.name},DC=myid,DC=example",
        "cn": person.full_name,
        "upn": f"{person.logon_name}@myid.example",
        "samAccountName": person.logon_name,
        "domain": "MYID",
    }


def _person_links(person: Person) -> list[Json]:
    own = f"people/{person.id}"
    links = [
        _link("edit", "Edit Person", "PATCH", own),
        _link("devices", "View Devices", "GET", f"{own}/devices"),
        _link("request", "Request Device", "POST", f"{own}/requests"),
    ]
    if person.enabled:
        links.append(_link("100113", "Disable Person", "POST", f"{own}/disable"))
    return links


def device_record(device: Device, owner: Person) -> Json:
    """Return the record of a device."""
    own = f"devices/{device.id}"
    links = [_link("certificates", "View Certificates", "GET", f"{own}/certificates")]
    if device.process_status != "Cancelled":
        links.append(_link("cancel", "Cancel Device", "POST", f"{own}/cancel"))
    return {
        "id": device.id,
        "sn": device.serial_number,
        "dt": device.device_type,
        "processStatus": device.process_status,
        "owner": {"id": owner.id, "name": owner.full_name},
        "credProfile": {"id": device.profile.id, "name": device.profile.name},
        "validity": {"from": device.valid_from, "to": device.valid_until},
        "fascn": {"ascii": ""},
        "links": links,
    }


def request_record(request: CredentialRequest, target: Person) -> Json:
    """Return the record of a request made for ``target``.

    It has the members of MyID's notification (REST-N Request Added).
    """
    return {
        "id": request.id,
        "status": request.status,
        "initiationDate": request.initiated,
        "task": {"desc": "Issue Device"},
        "target": {"id": target.id, "name": target.full_name, "logonName": target.logon_name},
        "credProfile": {"id": request.profile.id, "name": request.profile.name},
        "links": [],
    }


def _link(operation: str, description: str, method: str, href: str) -> Json:
    return {"op": operation, "desc": description, "method": method, "href": href}
