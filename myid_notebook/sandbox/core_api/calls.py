"""What happens to every call of the Core API: it is counted, delayed and perhaps disturbed."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from myid_notebook.sandbox.connections import DroppedResponse
from myid_notebook.sandbox.core_api.errors import (
    ProblemError,
    challenge_header,
    problem_response,
)
from myid_notebook.sandbox.core_api.pages import API, query_of, query_text
from myid_notebook.sandbox.faults import Faults
from myid_notebook.sandbox.installation import Installation

HUGE = 200_000_000
"""The length of the body that ``api_body: huge`` sends, in bytes."""

_CUT = b'{"results": [{"id": "0", "logonName": "nob'
_CUT_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_ROWS = b'{"id": "0", "logonName": "nobody", "surname": "Nobody"},' * 1000
_JSON = "application/json"
_BODIES = {
    "html": ("<!DOCTYPE html><title>Sign in</title><form><input name=user></form>", "text/html"),
    "list": ('[{"id": "0", "logonName": "nobody"}]', _JSON),
    "number": ("42", _JSON),
    "invalid": (_CUT, _JSON),
    "empty": ("", _JSON),
    "no_results": ('{"links": []}', _JSON),
    "null": ('{"results": null, "links": null}', _JSON),
    "encoding": ('{"results": [], "links": []}', _JSON),
}
_CUT_BODIES = {
    "cut": b"%sConnection: close\r\n\r\n%s" % (_CUT_HEAD, _CUT),
    "cut_chunk": b"%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s" % (_CUT_HEAD, 1_000, _CUT),
}


class ApiCallMiddleware:
    """Count the calls of the Core API and apply its fault switches.

    Faults come before the token or anything else is checked. Calls with a response of status 2xx
    are counted by path and query.
    """

    def __init__(self, app: ASGIApp, installation: Installation) -> None:
        self._app = app
        self._installation = installation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle an ASGI request."""
        if not scope.get("path", "").startswith(f"{API}/"):
            await self._app(scope, receive, send)
            return
        request, counts = Request(scope), self._installation.counts
        path = scope["path"].removeprefix(f"{API}/")
        query = query_text(sorted(query_of(request)))
        call = f"{path}?{query}" if query else path
        counts.api_calls += 1

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_success(message["status"]):
                counts.api_successes[call] += 1
            await send(message)

        await self._installation.pause(self._installation.faults.api_delay)
        app = _injected_response(call.lower(), self._installation) or self._app
        await app(scope, receive, counted_send)


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _injected_response(call: str, installation: Installation) -> Response | None:
    faults = installation.faults
    if not faults.apply_to(call):
        return None
    if faults.api_reset:
        return DroppedResponse(installation.connections)
    if faults.api_redirect is not None:
        return Response(status_code=HTTPStatus.FOUND, headers={"Location": faults.api_redirect})
    if faults.api_status is not None:
        return _injected_error(faults.api_status, faults)
    return None if faults.api_body is None else _wrong_body(faults.api_body, installation)


def _injected_error(status: int, faults: Faults) -> Response:
    member = "api_status" if status == HTTPStatus.BAD_REQUEST else ""
    problem = ProblemError(status, "Injected by the sandbox (api_status)", member)
    response = problem_response(problem, faults)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers.update(challenge_header(faults.api_challenge))
    if faults.api_retry_after is not None:
        response.headers["Retry-After"] = faults.api_retry_after
    return response


def _wrong_body(kind: str, installation: Installation) -> Response:
    if kind == "huge":
        return StreamingResponse(_huge(installation), media_type=_JSON)
    if kind in _CUT_BODIES:
        return DroppedResponse(installation.connections, _CUT_BODIES[kind])
    content, media_type = _BODIES[kind]
    headers = {"Content-Encoding": "gzip"} if kind == "encoding" else None
    return Response(content, headers=headers, media_type=media_type)


async def _huge(installation: Installation) -> AsyncIterator[bytes]:
    # In pieces, so that the body is never in memory as a whole.
    yield b'{"results": ['
    for _ in range(HUGE // len(_ROWS)):
        if installation.closing.is_set():
            return
        yield _ROWS
    yield b'{"id": "1"}], "links": []}'
