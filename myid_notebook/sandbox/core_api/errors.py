"""Error responses of the Core API.

That an error is JSON with ``code`` and ``message`` is an assumption; the codes are our own.
"""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import JSONResponse


class ProblemError(Exception):
    """The call failed.

    Attributes:
        status: the HTTP status of the response.
        message: what is wrong, for a person to read.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class UnauthorizedError(Exception):
    """The call has no valid access token (RFC 6750 section 3).

    Attributes:
        challenge: the ``WWW-Authenticate`` header of the response.
    """

    def __init__(self, challenge: str) -> None:
        super().__init__(challenge)
        self.challenge = challenge


async def problem_handler(_request: Request, error: Exception) -> Response:
    """Return the response for a :class:`ProblemError`."""
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error.status, error.message)


async def unauthorized_handler(_request: Request, error: Exception) -> Response:
    """Return the response for an :class:`UnauthorizedError`: 401 without a body."""
    if not isinstance(error, UnauthorizedError):
        raise error
    return Response(status_code=401, headers={"WWW-Authenticate": error.challenge})


def problem_response(status: int, message: str) -> JSONResponse:
    """Return a JSON response with ``code`` and ``message`` (assumption)."""
    return JSONResponse({"code": f"WS90{status}", "message": message}, status)


def invalid(member: str, value: str, reason: str) -> ProblemError:
    """Return the error for a value that MyID does not accept.

    The text has the form of the one published error (Intercede's scim-gateway).
    """
    message = f"Validation problem, the value for '{member}', '{value}', {reason}"
    return ProblemError(HTTPStatus.BAD_REQUEST, message)


def not_found(what: str) -> ProblemError:
    """Return the error for a record that does not exist or is out of scope."""
    # One error for both, so that a caller cannot probe for records out of scope.
    return ProblemError(HTTPStatus.NOT_FOUND, f"{what} not found or out of scope")
