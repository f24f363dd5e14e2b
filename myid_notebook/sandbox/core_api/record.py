"""Single records: nested, ``enabled`` as a number, with links to what can be done next."""

from myid_notebook.sandbox.core_api.row import Json
from myid_notebook.sandbox.population.device import Device
from myid_notebook.sandbox.population.person import Person
from myid_notebook.sandbox.population.request import CredentialRequest


def person_record(person: Person) -> Json:
    """Return a person as the Core API shows a single one."""
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
    """Return a device as the Core API shows a single one.

    Args:
        device: the device.
        owner: the person who holds it.
    """
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
    """Return a request with the members of MyID's notification (REST-N Request Added).

    Args:
        request: the request.
        target: the person it is for.
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
