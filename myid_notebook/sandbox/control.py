"""The sandbox's own endpoints, ``/sandbox/``: status, clients, fault switches and reset."""

import os
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from myid_notebook.sandbox.assumptions import ASSUMPTIONS
from myid_notebook.sandbox.clients import ClientEntry
from myid_notebook.sandbox.installation import Installed
from myid_notebook.sandbox.population.fixed_people import USERNAMES
from myid_notebook.sandbox.population.model import Person


def _require_control_header(x_sandbox_control: Annotated[str, Header()] = "") -> None:
    # A page of another origin needs a CORS preflight to send this header, and the sandbox
    # refuses every preflight.
    if x_sandbox_control != "1":
        raise HTTPException(HTTPStatus.FORBIDDEN, "Send the header X-Sandbox-Control: 1")


router = APIRouter(prefix="/sandbox", tags=["sandbox control"])
guarded_router = APIRouter(
    prefix="/sandbox", tags=["sandbox control"], dependencies=[Depends(_require_control_header)]
)


@router.get("/status")
async def status(installation: Installed) -> dict[str, object]:
    """Return who can sign in, and what was requested since the last reset."""
    directory = installation.directory
    people = [directory.by_logon_name(username) for username in USERNAMES]
    return {
        "name": "myid-sandbox",
        "pid": os.getpid(),
        "tokens_issued": installation.counts.tokens_issued,
        "tokens_by_grant": installation.counts.tokens_by_grant,
        "tokens_revoked": installation.counts.tokens_revoked,
        "refresh_reused": installation.refresh_tokens.reused,
        "token_requests": installation.counts.token_requests,
        "authorize_requests": installation.counts.authorize_requests,
        "api_calls": installation.counts.api_calls,
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


@router.get("/calls")
async def calls(installation: Installed) -> dict[str, int]:
    """Return how often each path of the Core API succeeded since the last reset.

    The paths are relative to the API, in lower case, with the sorted query if there is one.
    """
    return dict(installation.counts.api_successes)


@router.get("/assumptions")
async def assumptions() -> list[str]:
    """Return the assumptions that the sandbox makes about MyID."""
    return list(ASSUMPTIONS)


@guarded_router.put("/clients/{client_id}", status_code=HTTPStatus.NO_CONTENT)
async def put_client(client_id: str, entry: dict[str, object], installation: Installed) -> None:
    """Register or replace a client; the body is a client entry as in CustomClients."""
    if entry.setdefault("ClientId", client_id) != client_id:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "ClientId does not match the path")
    try:
        installation.clients[client_id] = ClientEntry.model_validate(entry)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


@guarded_router.delete("/clients/{client_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_client(client_id: str, installation: Installed) -> None:
    """Remove a client; 404 if there is none with that id."""
    if installation.clients.pop(client_id, None) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "No such client")


@guarded_router.put("/faults")
async def put_faults(switches: dict[str, object], installation: Installed) -> dict[str, object]:
    """Set switches, leave the others unchanged, and return all that are set."""
    try:
        installation.faults = installation.faults.merged(switches)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return installation.faults.model_dump(exclude_unset=True)


@guarded_router.delete("/faults", status_code=HTTPStatus.NO_CONTENT)
async def delete_faults(installation: Installed) -> None:
    """Set all switches as they were at the start."""
    installation.faults = installation.initial_faults.merged({})


@guarded_router.post("/reset", status_code=HTTPStatus.NO_CONTENT)
async def reset(installation: Installed) -> None:
    """Clear locks, counts, codes and logins; restore switches and people; keep the clients."""
    installation.reset()
    installation.directory.restore()
