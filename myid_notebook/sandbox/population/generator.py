"""Generate the organisation: groups, people, devices and certificates.

Every function draws from the :class:`random.Random` it is given, so a fixed seed produces the
same organisation, GUIDs included, at every start. Changing the order of the draws changes
everybody.
"""

import random
import uuid
from datetime import datetime, timedelta
from itertools import product

from myid_notebook.sandbox.population.model import (
    APPLICANT,
    CARDHOLDER,
    Certificate,
    CredentialProfile,
    Device,
    Group,
    Person,
    RoleGrant,
    Scope,
    SecurityQuestion,
)
from myid_notebook.sandbox.population.word_lists import (
    DEPARTMENTS_BY_DIVISION,
    FIRST_NAMES,
    LAST_NAMES,
    QUESTIONS,
    STREETS,
    TITLES,
)

PEOPLE_COUNT = 2_100

_ENABLED_SHARE = 0.93
_CARDHOLDER_SHARE = 0.8
_DEVICE_TYPES = ("Smart Card", "USB Token", "Mobile Identity", "Virtual Smart Card")
_PROCESS_STATUSES = ("Active", "Active", "Active", "Assigned", "Suspended")
_CERTIFICATE_POLICIES = ("Authentication", "Signing", "Encryption")
_FIRST_ISSUE = datetime(2023, 1, 2, 9, 0)  # noqa: DTZ001 - MyID's dates have no offset
_DEVICE_LIFETIME = timedelta(days=3 * 365)


def random_guid(source: random.Random) -> str:
    """Return a version 4 GUID in upper case, as MyID writes them."""
    return str(uuid.UUID(int=source.getrandbits(128), version=4)).upper()


def generate_groups(source: random.Random) -> tuple[Group, ...]:
    """Return every division, each followed by its departments."""
    groups: list[Group] = []
    for division_name, department_names in DEPARTMENTS_BY_DIVISION.items():
        division = Group(id=random_guid(source), name=division_name)
        groups.append(division)
        groups.extend(
            Group(id=random_guid(source), name=name, parent_id=division.id)
            for name in department_names
        )
    return tuple(groups)


def generate_people(source: random.Random, departments: list[Group]) -> list[Person]:
    """Return 2,100 people with distinct names, distributed over ``departments``."""
    names = source.sample(list(product(FIRST_NAMES, LAST_NAMES)), PEOPLE_COUNT)
    return [
        _person(source, number, first, last, source.choice(departments))
        for number, (first, last) in enumerate(names, start=1)
    ]


def _person(
    source: random.Random, number: int, first_name: str, last_name: str, department: Group
) -> Person:
    logon_name = f"{first_name}.{last_name}".lower()
    role = CARDHOLDER if source.random() < _CARDHOLDER_SHARE else APPLICANT
    return Person(
        id=random_guid(source),
        logon_name=logon_name,
        first_name=first_name,
        last_name=last_name,
        department=department,
        employee_id=f"E{number:05}",
        enabled=source.random() < _ENABLED_SHARE,
        title=source.choice(TITLES),
        email=f"{logon_name}@myid.example",
        phone=f"01632 96{source.randrange(10_000):04}",
        date_of_birth=f"{source.randrange(1955, 2005)}-{source.randrange(1, 13):02}"
        f"-{source.randrange(1, 29):02}",
        address=f"{source.randrange(1, 200)} {source.choice(STREETS)}",
        roles=(RoleGrant(role=role, scope=Scope.SELF),),
        questions=tuple(
            SecurityQuestion(question=question, answer=f"{source.getrandbits(40):010x}")
            for question in source.sample(QUESTIONS, 2)
        ),
    )


def generate_profiles(source: random.Random) -> tuple[CredentialProfile, ...]:
    """Return one credential profile for each type of device."""
    return tuple(
        CredentialProfile(id=random_guid(source), name=f"{device_type} Standard")
        for device_type in _DEVICE_TYPES
    )


def generate_device(
    source: random.Random, owner: Person, profiles: tuple[CredentialProfile, ...]
) -> Device:
    """Return a device for ``owner``.

    Args:
        source: the random source.
        owner: the person who holds the device.
        profiles: the result of :func:`generate_profiles`, in its order.
    """
    kind = source.randrange(len(_DEVICE_TYPES))
    valid_from = _FIRST_ISSUE + timedelta(minutes=source.randrange(3 * 365 * 24 * 60))
    return Device(
        id=random_guid(source),
        owner_id=owner.id,
        serial_number=f"{source.getrandbits(48):012X}",
        device_type=_DEVICE_TYPES[kind],
        process_status=source.choice(_PROCESS_STATUSES),
        profile=profiles[kind],
        valid_from=valid_from.isoformat(),
        valid_until=(valid_from + _DEVICE_LIFETIME).isoformat(),
    )


def generate_certificates(
    source: random.Random, device: Device, owner: Person
) -> list[Certificate]:
    """Return the certificates on ``device``, one for each policy, issued to ``owner``."""
    return [
        Certificate(
            id=random_guid(source),
            device_id=device.id,
            serial_number=f"{source.getrandbits(64):016X}",
            policy=policy,
            container=f"{policy} container",
            issued=device.valid_from,
            expires=device.valid_until,
            user_dn=f"CN={owner.full_name},OU={owner.department.name},DC=myid,DC=example",
        )
        for policy in _CERTIFICATE_POLICIES
    ]
