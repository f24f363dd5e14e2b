"""The people that documentation and tests call by name: one for every situation."""

import random

from myid_notebook.sandbox.population.organisation import Group, invented_guid
from myid_notebook.sandbox.population.person import Person, SecurityQuestion
from myid_notebook.sandbox.population.role import (
    ANALYST,
    CARDHOLDER,
    OPERATOR,
    Role,
    RoleGrant,
    Scope,
)

COLOUR = "What is your favourite colour?"
PET = "What was the name of your first pet?"
SCHOOL = "What was the name of your first school?"
BLUE_AND_ROVER = (
    SecurityQuestion(question=COLOUR, answer="blue"),
    SecurityQuestion(question=PET, answer="rover"),
)
THREE_QUESTIONS = (*BLUE_AND_ROVER, SecurityQuestion(question=SCHOOL, answer="hill road"))
ONE_QUESTION = (SecurityQuestion(question=COLOUR, answer="green"),)

_PEOPLE: tuple[tuple[str, Role, Scope, tuple[SecurityQuestion, ...]], ...] = (
    ("jane.doe", OPERATOR, Scope.ALL, BLUE_AND_ROVER),
    ("sam.self", OPERATOR, Scope.SELF, BLUE_AND_ROVER),
    ("dora.department", OPERATOR, Scope.DEPARTMENT, BLUE_AND_ROVER),
    ("dan.division", OPERATOR, Scope.DIVISION, BLUE_AND_ROVER),
    ("nora.norole", CARDHOLDER, Scope.SELF, BLUE_AND_ROVER),
    ("olga.one", ANALYST, Scope.ALL, ONE_QUESTION),
    ("theo.three", ANALYST, Scope.ALL, THREE_QUESTIONS),
    ("fiona.few", ANALYST, Scope.ALL, ()),
    ("disabled.dan2", ANALYST, Scope.ALL, BLUE_AND_ROVER),
)
USERNAMES = tuple(username for username, *_ in _PEOPLE)


def fixed_people(seed: random.Random, department: Group) -> list[Person]:
    """Return the named people, all in one department.

    Args:
        seed: the source of their GUIDs.
        department: the department they share.
    """
    return [
        Person(
            id=invented_guid(seed),
            logon_name=username,
            first_name=username.split(".")[0].capitalize(),
            last_name=username.split(".")[1].capitalize(),
            department=department,
            employee_id=f"F{number:04}",
            enabled=username != "disabled.dan2",
            email=f"{username}@myid.example",
            phone=f"01632 960{number:03}",
            date_of_birth=f"1980-01-{number:02}",
            address=f"{number} Harbour Road",
            roles=(RoleGrant(role=role, scope=scope),),
            questions=questions,
            authentication_code="123456" if username == "jane.doe" else "",
        )
        for number, (username, role, scope, questions) in enumerate(_PEOPLE, start=1)
    ]
