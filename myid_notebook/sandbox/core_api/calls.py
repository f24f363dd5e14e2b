"""What happens to every call of the Core API: it is counted, delayed and perhaps disturbed."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from myid_notebook.sandbox.connections import DroppedResponse
from myid_notebook.sandbox.core_api.errors import problem_response
from myid_notebook.sandbox.core_api.pages import API, query_of, query_text
from myid_notebook.sandbox.installation import Installation

HUGE = 200_000_000
"""The length of the body that ``api_body: huge`` sends, in bytes."""

_ROWS = b'{"id": "0", "logonName": "nobody", "surname": "Nobody"},' * 1000
_JSON = "application/json"
_BODIES = {
    "html": ("<!DOCTYPE html><title>Proxy</title><h1>Please log on</h1>", "text/html"),
    "list": ('[{"id": "0", "logonName": "nobody"}]', _JSON),
    "number": ("42", _JSON),
    "invalid": ('{"results": [{"id": "0", "logonName": "nob', _JSON),
    "empty": ("", _JSON),
    "no_results": ('{"links": []}', _JSON),
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
        counts.api_calls += 1

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_success(message["status"]):
                query = query_text(sorted(query_of(request)))
                counts.api_successes[f"{path}?{query}" if query else path] += 1
            await send(message)

        await self._installation.pause(self._installation.faults.api_delay)
        app = _injected_response(path, self._installation) or self._app
        await app(scope, receive, counted_send)


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _injected_response(path: str, installation: Installation) -> Response | None:
    faults = installation.faults
    if not faults.apply_to(path):
        return None
    if faults.api_reset:
        return DroppedResponse(installation.connections)
    if faults.api_status is not None:
        response = problem_response(faults.api_status, "Injected by the sandbox (api_status)")
        if faults.api_retry_after is not None:
            response.headers["Retry-After"] = faults.api_retry_after
        return response
    if faults.api_body == "huge":
        return StreamingResponse(_huge(installation), media_type=_JSON)
    if faults.api_body is not None:
        content, media_type = _BODIES[faults.api_body]
        return Response(content, HTTPStatus.OK, media_type=media_type)
    return None


async def _huge(installation: Installation) -> AsyncIterator[bytes]:
    # In pieces, so that the body is never in memory as a whole.
    yield b'{"results": ['
    for _ in range(HUGE // len(_ROWS)):
        if installation.closing.is_set():
            return
        yield _ROWS
    yield b'{"id": "1"}], "links": []}'
