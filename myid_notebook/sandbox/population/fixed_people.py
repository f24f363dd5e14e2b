"""The people that the documentation and the tests refer to by name, one for each situation."""

import random

from myid_notebook.sandbox.population.generator import random_guid
from myid_notebook.sandbox.population.model import (
    ANALYST,
    CARDHOLDER,
    OPERATOR,
    Group,
    Person,
    Role,
    RoleGrant,
    Scope,
    SecurityQuestion,
)
from myid_notebook.sandbox.population.word_lists import COLOUR, PET, SCHOOL

_BLUE_AND_ROVER = (
    SecurityQuestion(question=COLOUR, answer="blue"),
    SecurityQuestion(question=PET, answer="rover"),
)
_THREE_QUESTIONS = (*_BLUE_AND_ROVER, SecurityQuestion(question=SCHOOL, answer="hill road"))
_ONE_QUESTION = (SecurityQuestion(question=COLOUR, answer="green"),)

_PEOPLE: tuple[tuple[str, Role, Scope, tuple[SecurityQuestion, ...]], ...] = (
    ("jane.doe", OPERATOR, Scope.ALL, _BLUE_AND_ROVER),
    ("sam.self", OPERATOR, Scope.SELF, _BLUE_AND_ROVER),
    ("dora.department", OPERATOR, Scope.DEPARTMENT, _BLUE_AND_ROVER),
    ("dan.division", OPERATOR, Scope.DIVISION, _BLUE_AND_ROVER),
    ("nora.norole", CARDHOLDER, Scope.SELF, _BLUE_AND_ROVER),
    ("olga.one", ANALYST, Scope.ALL, _ONE_QUESTION),
    ("theo.three", ANALYST, Scope.ALL, _THREE_QUESTIONS),
    ("fiona.few", ANALYST, Scope.ALL, ()),
    ("disabled.dan2", ANALYST, Scope.ALL, _BLUE_AND_ROVER),
)
USERNAMES = tuple(username for username, *_ in _PEOPLE)


def fixed_people(source: random.Random, department: Group) -> list[Person]:
    """Return the fixed people, all in ``department``; only their GUIDs come from ``source``."""
    return [
        Person(
            id=random_guid(source),
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
