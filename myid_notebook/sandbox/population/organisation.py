"""Departments within divisions, and the GUIDs that name every invented thing."""

import random
import uuid
from dataclasses import dataclass

DEPARTMENTS_OF_DIVISIONS = {
    "Research": ("Chemistry", "Physics", "Biology", "Statistics", "Field Studies"),
    "Engineering": ("Design", "Production", "Quality", "Tooling", "Maintenance"),
    "Operations": ("Logistics", "Facilities", "Security", "Transport", "Purchasing"),
    "Administration": ("Finance", "Personnel", "Legal", "Archives", "Communication"),
    "Technology": ("Networks", "Service Desk", "Data Platform", "Identity", "Applications"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A department, or the division that holds departments (``parent_id`` empty)."""

    id: str
    name: str
    parent_id: str = ""


def invented_guid(seed: random.Random) -> str:
    """Return a version 4 GUID in capital letters, as MyID writes them.

    Args:
        seed: the source of its 128 bits; the same source gives the same GUIDs again.
    """
    return str(uuid.UUID(int=seed.getrandbits(128), version=4)).upper()


def invented_organisation(seed: random.Random) -> tuple[Group, ...]:
    """Return every division, each followed by its departments.

    Args:
        seed: the source of the GUIDs.
    """
    groups: list[Group] = []
    for division_name, department_names in DEPARTMENTS_OF_DIVISIONS.items():
        division = Group(id=invented_guid(seed), name=division_name)
        groups.append(division)
        groups.extend(
            Group(id=invented_guid(seed), name=name, parent_id=division.id)
            for name in department_names
        )
    return tuple(groups)
