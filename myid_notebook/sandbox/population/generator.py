"""Generate the organisation: groups, people and credential profiles.

Every function draws from the :class:`random.Random` it is given, so a fixed seed produces the
same organisation, GUIDs included, at every start. Changing the order of the draws changes
everybody.
"""

import random
import uuid
from dataclasses import replace
from typing import Any

from myid_notebook.sandbox.population.model import (
    APPLICANT,
    CARDHOLDER,
    OPERATOR,
    CredentialProfile,
    Group,
    Person,
    RoleGrant,
    Scope,
    SecurityQuestion,
)
from myid_notebook.sandbox.population.word_lists import (
    COMMON_LAST_NAME,
    DEPARTMENTS_BY_DIVISION,
    FIRST_NAMES,
    LAST_NAMES,
    ODD_PEOPLE,
    QUESTIONS,
    SERVICES,
    STREETS,
    TITLES,
)

PEOPLE_COUNT = 2_000
LEAST_PEOPLE = 100
"""Fewer people would leave no room for the odd ones."""
MOST_PEOPLE = 200_000
"""More people would need more names and staff numbers."""
_DOUBLE_NAMES_FROM = 20_001
"""From this number of people on, surnames can be double, and staff numbers have six digits."""

DEVICE_TYPES = ("Smart Card", "USB Token", "Mobile Identity", "Virtual Smart Card")

_DISABLED_SHARE = 0.06
_CARDHOLDER_SHARE = 0.8
_SAME_NAME_PAIRS = 12
_COMMON_NAMES = 260
_NO_PERSON: dict[str, Any] = {  # replace() takes values of many types
    **dict.fromkeys(("title", "email", "phone", "date_of_birth", "address", "cost_centre"), ""),
    "questions": (),
}
"""What a service account has instead."""


def scaled(count: int, people_count: int) -> int:
    """Return ``count``, or proportionally less, but at least 1, for fewer than 2,000 people."""
    return max(1, count * min(people_count, PEOPLE_COUNT) // PEOPLE_COUNT)


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


def generate_profiles(source: random.Random) -> tuple[CredentialProfile, ...]:
    """Return one credential profile for each of ``DEVICE_TYPES``, in that order."""
    return tuple(
        CredentialProfile(id=random_guid(source), name=f"{device_type} Standard")
        for device_type in DEVICE_TYPES
    )


def generate_people(source: random.Random, departments: list[Group], count: int) -> list[Person]:
    """Return ``count`` people with distinct logon names, in no order.

    15 of them are service accounts, 12 pairs have the same full name, 260 people have the same
    surname, and 6 % are disabled, one of them an operator.

    Args:
        departments: the groups that people can be in.
        count: from ``LEAST_PEOPLE`` to ``MOST_PEOPLE``.
    """
    common = scaled(_COMMON_NAMES, count)
    pairs = scaled(_SAME_NAME_PAIRS, count)
    services = SERVICES[: scaled(len(SERVICES), count)]
    names = [(first, COMMON_LAST_NAME) for first in source.sample(FIRST_NAMES, common)]
    names += distinct_names(source, count)
    named = [(first, last, f"{first}.{last}".lower()) for first, last in names]
    special = [
        *ODD_PEOPLE,
        *(("", f"Service {logon_name}", logon_name) for logon_name in services),
        *((first, last, f"{logon_name}2") for first, last, logon_name in named[-pairs:]),
        *named[-pairs:],
    ]
    ordinary = named[: count - len(special)]
    disabled = [each[-1] for each in source.sample(ordinary, round(count * _DISABLED_SHARE))]
    identities = special + ordinary
    source.shuffle(identities)
    staff_numbers = source.sample(
        range(1_000, 100_000 if count < _DOUBLE_NAMES_FROM else 1_000_000), count
    )
    people = [
        _person(source, identity, f"{number:06}", departments)
        for identity, number in zip(identities, staff_numbers, strict=True)
    ]
    changes: dict[str, dict[str, Any]] = {name: {"enabled": False} for name in disabled}
    changes[disabled[0]]["roles"] = (RoleGrant(role=OPERATOR, scope=Scope.DIVISION),)
    for number, name in enumerate(services):
        changes[name] = {**_NO_PERSON, "employee_id": "" if number % 2 else None}
    return [
        replace(person, **change) if (change := changes.get(person.logon_name)) else person
        for person in people
    ]


def distinct_names(source: random.Random, count: int) -> list[tuple[str, str]]:
    """Return ``count`` different pairs of a first name and a surname."""
    surnames = LAST_NAMES
    if count >= _DOUBLE_NAMES_FROM:
        surnames += tuple(f"{last}-{other}" for last in LAST_NAMES for other in LAST_NAMES[:9])
    numbers = source.sample(range(len(FIRST_NAMES) * len(surnames)), count)
    return [
        (FIRST_NAMES[first], surnames[last])
        for first, last in (divmod(number, len(surnames)) for number in numbers)
    ]


def _person(
    source: random.Random,
    identity: tuple[str, str, str],
    employee_id: str,
    departments: list[Group],
) -> Person:
    first_name, last_name, logon_name = identity
    department = source.randrange(len(departments))
    role = CARDHOLDER if source.random() < _CARDHOLDER_SHARE else APPLICANT
    mailbox = logon_name.rpartition("\\")[2]  # DOMAIN\name
    return Person(
        id=random_guid(source),
        logon_name=logon_name,
        first_name=first_name,
        last_name=last_name,
        department=departments[department],
        employee_id=employee_id,
        title=source.choice(TITLES),
        email=mailbox if "@" in mailbox else f"{mailbox}@myid.example",
        phone=f"01632 96{source.randrange(10_000):04}",
        date_of_birth=f"{source.randrange(1955, 2005)}-{source.randrange(1, 13):02}"
        f"-{source.randrange(1, 29):02}",
        address=f"{source.randrange(1, 200)} {source.choice(STREETS)}",
        cost_centre=f"CC-{1_000 + 10 * department}",
        roles=(RoleGrant(role=role, scope=Scope.SELF),),
        questions=tuple(
            SecurityQuestion(question=question, answer=f"{source.getrandbits(40):010x}")
            for question in source.sample(QUESTIONS, 2)
        ),
    )
