"""Looking into the sandbox, setting clients and faults, and starting afresh."""

import os
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from myid_notebook.sandbox.assumptions import ASSUMPTIONS
from myid_notebook.sandbox.clients.entry import ClientEntry
from myid_notebook.sandbox.installation import Installed
from myid_notebook.sandbox.population.fixed_people import USERNAMES
from myid_notebook.sandbox.population.person import Person


def _not_from_a_web_page(x_sandbox_control: Annotated[str, Header()] = "") -> None:
    # A page of another origin cannot send a header of its own without asking first, and the
    # sandbox never says yes.
    if x_sandbox_control != "1":
        raise HTTPException(HTTPStatus.FORBIDDEN, "Send the header X-Sandbox-Control: 1")


router = APIRouter(prefix="/sandbox", tags=["sandbox control"])
guarded = APIRouter(
    prefix="/sandbox", tags=["sandbox control"], dependencies=[Depends(_not_from_a_web_page)]
)


@router.get("/status")
async def status(installation: Installed) -> dict[str, object]:
    """Tell who can sign in and what was asked since the last reset."""
    directory = installation.directory
    people = [directory.by_logon_name(username) for username in USERNAMES]
    return {
        "name": "myid-sandbox",
        "pid": os.getpid(),
        "tokens_issued": installation.counts.tokens_issued,
        "token_requests": installation.counts.token_requests,
        "authorize_requests": installation.counts.authorize_requests,
        "users": [_user(person) for person in people if person],
    }


def _user(person: Person) -> dict[str, object]:
    return {
        "username": person.logon_name,
        "answers": [question.answer for question in person.questions],
        "questions": [question.question for question in person.questions],
        "scope": person.roles[0].scope if person.roles else None,
        "enabled": person.enabled,
    }


@router.get("/assumptions")
async def assumptions() -> list[str]:
    """List what had to be assumed about MyID."""
    return list(ASSUMPTIONS)


@guarded.put("/clients/{client_id}", status_code=HTTPStatus.NO_CONTENT)
async def put_client(client_id: str, entry: dict[str, object], installation: Installed) -> None:
    """Register a client or replace it; the body is an entry in MyID's vocabulary."""
    if entry.setdefault("ClientId", client_id) != client_id:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "ClientId is not that of the path")
    try:
        installation.clients[client_id] = ClientEntry.model_validate(entry)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


@guarded.delete("/clients/{client_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_client(client_id: str, installation: Installed) -> None:
    """Remove a client; 404 if there is none of that id."""
    if installation.clients.pop(client_id, None) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "No such client")


@guarded.put("/faults")
async def put_faults(switches: dict[str, object], installation: Installed) -> dict[str, object]:
    """Set switches, leaving the others as they are; the answer is what is set now."""
    try:
        installation.faults = installation.faults.merged(switches)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return installation.faults.model_dump(exclude_unset=True)


@guarded.delete("/faults", status_code=HTTPStatus.NO_CONTENT)
async def delete_faults(installation: Installed) -> None:
    """Switch every fault off."""
    installation.faults = type(installation.faults)()


@guarded.post("/reset", status_code=HTTPStatus.NO_CONTENT)
async def reset(installation: Installed) -> None:
    """Drop locks, counts, faults, codes and sign-ins; restore the people; keep the clients."""
    installation.forget()
    installation.directory.restore()
