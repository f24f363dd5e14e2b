"""Error responses of the Core API.

That an error is JSON with ``code`` and ``message`` is an assumption; the codes are our own.
The switch ``api_errors`` has other forms.
"""

from http import HTTPStatus
from http.client import responses

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from myid_notebook.sandbox.faults import Faults


class ProblemError(Exception):
    """The call failed.

    Attributes:
        status: the HTTP status of the response.
        message: what is wrong, for a person to read.
        member: the parameter, or the member of the body, that is wrong; empty for none.
    """

    def __init__(self, status: int, message: str, member: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.member = member


class UnauthorizedError(Exception):
    """The call has no valid access token (RFC 6750 section 3).

    Attributes:
        challenge: the ``WWW-Authenticate`` header of the response; None for none.
    """

    def __init__(self, challenge: str | None) -> None:
        super().__init__(challenge)
        self.challenge = challenge


async def problem_handler(request: Request, error: Exception) -> Response:
    """Return the response for a :class:`ProblemError`."""
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error, request.app.state.installation.faults)


async def unauthorized_handler(_request: Request, error: Exception) -> Response:
    """Return the response for an :class:`UnauthorizedError`: 401 without a body."""
    if not isinstance(error, UnauthorizedError):
        raise error
    return Response(status_code=401, headers=challenge_header(error.challenge))


def challenge_header(challenge: str | None) -> dict[str, str]:
    """Return the headers of a 401 with ``challenge``, or with none."""
    return {} if challenge is None else {"WWW-Authenticate": challenge}


def problem_response(problem: ProblemError, faults: Faults) -> Response:
    """Return the response for ``problem``, with the body that the switch ``api_errors`` asks for.

    Without the switch it is JSON with ``code`` and ``message`` (assumption).
    """
    status, message = problem.status, problem.message
    match faults.api_errors:
        case "empty":
            return Response(status_code=status)
        case "html":
            page = f"<!DOCTYPE html><title>{status}</title><h1>Server Error</h1><p>{message}</p>"
            return HTMLResponse(page, status)
        case "aspnet":
            body = {"title": responses.get(status, ""), "status": status}
            if problem.member:
                title = "One or more validation errors occurred."
                body |= {"title": title, "errors": {problem.member: [message]}}
            return JSONResponse(body, status, media_type="application/problem+json")
    return JSONResponse({"code": f"WS90{status}", "message": message}, status)


def invalid(member: str, value: str, reason: str) -> ProblemError:
    """Return the error for a value that MyID does not accept.

    The text has the form of the one published error (Intercede's scim-gateway).
    """
    message = f"Validation problem, the value for '{member}', '{value}', {reason}"
    return ProblemError(HTTPStatus.BAD_REQUEST, message, member)


def not_found(what: str) -> ProblemError:
    """Return the error for a record that does not exist or is out of scope."""
    # One error for both, so that a caller cannot probe for records out of scope.
    return ProblemError(HTTPStatus.NOT_FOUND, f"{what} not found or out of scope")
