"""The fault switches of the token and revocation endpoints: broken, slow and missing responses."""

from collections.abc import AsyncIterator

from fastapi import Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from myid_notebook.sandbox.connections import DroppedResponse
from myid_notebook.sandbox.installation import Installation

HUGE = 100_000_000
"""The length of the body that ``token_body: huge`` sends, in bytes."""

_CHUNK = b"a" * 65_536
_JSON = "application/json"
_BODIES = {
    "html": ("<!DOCTYPE html><title>Proxy</title><h1>Please log on</h1>", "text/html"),
    "empty": ("", _JSON),
    "list": ('["access_token"]', _JSON),
    "invalid": ('{"access_token": "', _JSON),
}


async def injected_response(
    request: Request, installation: Installation, kind: str
) -> Response | None:
    """Wait for the switched-on delay, then return the switched-on response, or None.

    Args:
        kind: the grant type, or ``revocation``.
    """
    faults = installation.faults
    if faults.token_only != kind and (faults.token_only or kind == "revocation"):
        return None
    await installation.pause(faults.token_delay)
    if faults.token_hang:
        await _until_gone(request, installation)
        return DroppedResponse(installation.connections)
    if faults.token_drop:
        return DroppedResponse(installation.connections)
    if faults.token_redirect is not None:
        return RedirectResponse(faults.token_redirect, status_code=302)
    if faults.token_status is not None:
        return _error(faults.token_error or "server_error", installation)
    return _faulty_body(installation)


def _error(code: str, installation: Installation) -> Response:
    content = {"error": code}
    if installation.faults.error_description is not None:
        content["error_description"] = installation.faults.error_description
    return JSONResponse(content, installation.faults.token_status or 400)


def _faulty_body(installation: Installation) -> Response | None:
    match installation.faults.token_body:
        case "huge":
            return StreamingResponse(_huge(installation), media_type=_JSON)
        case "drip":
            return StreamingResponse(_drip(installation), media_type=_JSON)
        case None:
            return None
        case kind:
            content, media_type = _BODIES[kind]
            return Response(content, media_type=media_type)


async def _until_gone(request: Request, installation: Installation) -> None:
    while not installation.closing.is_set() and not await request.is_disconnected():
        await installation.pause(0.05)


async def _huge(installation: Installation) -> AsyncIterator[bytes]:
    yield b'{"access_token": "'
    for _ in range(HUGE // len(_CHUNK)):
        if installation.closing.is_set():
            return
        yield _CHUNK
    yield b'"}'


async def _drip(installation: Installation) -> AsyncIterator[bytes]:
    while not installation.closing.is_set():
        yield b" "
        await installation.pause(1)
