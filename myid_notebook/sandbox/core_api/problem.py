"""How the Core API says no (assumption: ``code`` and ``message``, with codes of our own)."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import JSONResponse


class ProblemError(Exception):
    """A call that failed; ``message`` is for a person to read.

    Attributes:
        status: the HTTP status of the answer; any number, since a fault may ask for any.
        message: what was wrong.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class UnauthorizedError(Exception):
    """The call has no usable token (RFC 6750 section 3).

    Attributes:
        challenge: the ``WWW-Authenticate`` header of the answer.
    """

    def __init__(self, challenge: str) -> None:
        super().__init__(challenge)
        self.challenge = challenge


async def answer_problem(_request: Request, error: Exception) -> Response:
    """Return the answer for a :class:`ProblemError`."""
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error.status, error.message)


async def answer_unauthorized(_request: Request, error: Exception) -> Response:
    """Return the answer for an :class:`UnauthorizedError`: 401 without a body."""
    if not isinstance(error, UnauthorizedError):
        raise error
    return Response(status_code=401, headers={"WWW-Authenticate": error.challenge})


def problem_response(status: int, message: str) -> JSONResponse:
    """Return a JSON body with ``code`` and ``message``.

    Args:
        status: the HTTP status.
        message: what was wrong.
    """
    return JSONResponse({"code": f"WS90{status}", "message": message}, status)


def not_found(what: str) -> ProblemError:
    """Return the error for a record that is absent or out of scope: nobody can tell which."""
    return ProblemError(HTTPStatus.NOT_FOUND, f"{what} not found or out of scope")
