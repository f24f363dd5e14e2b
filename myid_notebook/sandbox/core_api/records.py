"""The rows that a search returns, and single records.

A row is flat, and a person's has ``Enabled`` as "Yes" or "No". A record is nested, has ``enabled``
as 1 or 0, and has links to the operations that are possible next.
"""

from collections.abc import Mapping

from myid_notebook.sandbox.population.model import (
    Certificate,
    CredentialRequest,
    Device,
    Group,
    Person,
)

Json = dict[str, object]


def person_row(person: Person) -> Json:
    """Return a person as a row of a search: these members, in this order (Intercede's samples)."""
    return {
        "id": person.id,
        "logonName": person.logon_name,
        "firstName": person.first_name,
        "surname": person.last_name,
        "groupName": person.department.name,
        "Enabled": "Yes" if person.enabled else "No",
        "href": f"people/{person.id}",
    }


def device_row(device: Device, owner: Person | None) -> Json:
    """Return a device as a row of a search; without an owner, ``owner`` is empty."""
    return {
        "id": device.id,
        "href": f"devices/{device.id}",
        "sn": device.serial_number,
        "dt": device.device_type,
        "processStatus": device.process_status,
        "owner": owner.full_name if owner else "",
        "credProfileName": device.profile.name,
        "validFrom": device.valid_from,
        "validUntil": device.valid_until,
    }


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


def group_row(group: Group, parent: Group | None) -> Json:
    """Return a group as a row of a search."""
    return {
        "id": group.id,
        "href": f"groups/{group.id}",
        "name": group.name,
        "parentName": parent.name if parent else "",
    }


def person_record(person: Person) -> Json:
    """Return the record of a person; members without a value that MyID leaves out are left out."""
    employee_id = {} if person.employee_id is None else {"employeeId": person.employee_id}
    extension = {"extension": {"costCentre": person.cost_centre}} if person.cost_centre else {}
    return {
        "id": person.id,
        "logonName": person.logon_name,
        **employee_id,
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
        **extension,
        "links": _person_links(person),
    }


def _account(person: Person) -> Json:
    return {
        "dn": f"CN={person.full_name},OU={person.department.name},DC=myid,DC=example",
        "cn": person.full_name,
        "upn": user_principal_name(person),
        "samAccountName": person.logon_name,
        "domain": "MYID",
    }


def user_principal_name(person: Person) -> str:
    """Return the name under which the person's directory knows the person."""
    name = person.logon_name.rpartition("\\")[2]
    return name if "@" in name else f"{name}@myid.example"


def _person_links(person: Person) -> list[Json]:
    own = f"people/{person.id}"
    links = [
        link("edit", "Edit Person", "PATCH", own),
        link("devices", "View Devices", "GET", f"{own}/devices"),
        link("request", "Request Device", "POST", f"{own}/requests"),
    ]
    if person.enabled:
        links.append(link("100113", "Disable Person", "POST", f"{own}/disable"))
    return links


def device_record(device: Device, owner: Person | None) -> Json:
    """Return the record of a device; without an owner it has no member ``owner``."""
    own = f"devices/{device.id}"
    links = [link("certificates", "View Certificates", "GET", f"{own}/certificates")]
    if owner:
        links.append(link("cancel", "Cancel Device", "POST", f"{own}/cancel"))
    return {
        "id": device.id,
        "sn": device.serial_number,
        "dt": device.device_type,
        "processStatus": device.process_status,
        **({"owner": {"id": owner.id, "name": owner.full_name}} if owner else {}),
        "credProfile": {"id": device.profile.id, "name": device.profile.name},
        "validity": {
            "from": device.valid_from,
            "to": device.valid_until,
            "enabled": int(device.enabled),
        },
        "fascn": {"ascii": ""},
        "hid": {"serialNumber": "", "facilityCode": ""},
        "links": links,
    }


def request_record(request: CredentialRequest, people: Mapping[str, Person]) -> Json:
    """Return the record of a request.

    It has the members of MyID's notification (REST-N Request Added); ``initiator``, ``approver``
    and ``reason`` are assumed.
    """
    approver = people.get(request.approver_id)
    task = "Issue Replacement Device" if request.reason else "Issue Device"
    return {
        "id": request.id,
        "status": request.status,
        "initiationDate": request.initiated,
        "task": {"desc": task},
        **({"reason": {"description": request.reason}} if request.reason else {}),
        "target": _by_name(people[request.target_id]),
        "initiator": _by_name(people[request.maker_id]),
        **({"approver": _by_name(approver)} if approver else {}),
        "credProfile": {"id": request.profile.id, "name": request.profile.name},
        "links": [],
    }


def _by_name(person: Person) -> Json:
    return {"id": person.id, "name": person.full_name, "logonName": person.logon_name}


def link(operation: str, description: str, method: str, href: str) -> Json:
    """Return an entry of ``links``; its members are assumed."""
    return {"op": operation, "desc": description, "method": method, "href": href}
