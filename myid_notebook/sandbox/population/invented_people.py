"""Two thousand people by chance, the same ones at every start."""

import random
from itertools import product

from myid_notebook.sandbox.population.fixed_people import COLOUR, PET, SCHOOL
from myid_notebook.sandbox.population.names import FIRST_NAMES, LAST_NAMES, STREETS, TITLES
from myid_notebook.sandbox.population.organisation import Group, invented_guid
from myid_notebook.sandbox.population.person import Person, SecurityQuestion
from myid_notebook.sandbox.population.role import APPLICANT, CARDHOLDER, RoleGrant, Scope

HOW_MANY = 2_100
QUESTIONS = (COLOUR, PET, SCHOOL, "In which town were you born?", "What was your first job?")
_ENABLED_SHARE = 0.93
_CARDHOLDER_SHARE = 0.8


def invented_people(seed: random.Random, departments: list[Group]) -> list[Person]:
    """Return 2,100 people with distinct names, spread over the departments.

    Args:
        seed: the source of every choice.
        departments: the departments to spread them over.
    """
    names = seed.sample(list(product(FIRST_NAMES, LAST_NAMES)), HOW_MANY)
    return [
        _person(seed, number, first, last, seed.choice(departments))
        for number, (first, last) in enumerate(names, start=1)
    ]


def _person(
    seed: random.Random, number: int, first_name: str, last_name: str, department: Group
) -> Person:
    logon_name = f"{first_name}.{last_name}".lower()
    role = CARDHOLDER if seed.random() < _CARDHOLDER_SHARE else APPLICANT
    return Person(
        id=invented_guid(seed),
        logon_name=logon_name,
        first_name=first_name,
        last_name=last_name,
        department=department,
        employee_id=f"E{number:05}",
        enabled=seed.random() < _ENABLED_SHARE,
        title=seed.choice(TITLES),
        email=f"{logon_name}@myid.example",
        phone=f"01632 96{seed.randrange(10_000):04}",
        date_of_birth=f"{seed.randrange(1955, 2005)}-{seed.randrange(1, 13):02}"
        f"-{seed.randrange(1, 29):02}",
        address=f"{seed.randrange(1, 200)} {seed.choice(STREETS)}",
        roles=(RoleGrant(role=role, scope=Scope.SELF),),
        questions=tuple(
            SecurityQuestion(question=question, answer=f"{seed.getrandbits(40):010x}")
            for question in seed.sample(QUESTIONS, 2)
        ),
    )
