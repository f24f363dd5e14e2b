"""Reading query strings and forms, each parameter once."""

from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.requests import ClientDisconnect

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 65_536
"""The longest form that is read, in bytes."""


class ParametersError(Exception):
    """The parameters cannot be used.

    Attributes:
        status: the HTTP status that fits.
    """

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status


def parse_parameters(text: str) -> dict[str, str]:
    """Return the parameters of a query string or form; an empty one counts as absent.

    Args:
        text: percent-encoded names and values.

    Raises:
        ParametersError: a parameter stands there twice (RFC 6749 section 3.1) or there are
            too many.
    """
    try:
        pairs = parse_qsl(text, max_num_fields=100)
    except ValueError as error:
        raise ParametersError("too many parameters") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise ParametersError("repeated parameter")
    return parameters


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a posted form.

    Args:
        request: the request whose body is read.

    Raises:
        ParametersError: the body is not a form, is longer than 64 KiB, or repeats a field.
    """
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != FORM:
        raise ParametersError("not a form", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM:
                raise ParametersError("too long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except ClientDisconnect as error:
        raise ParametersError("cut off") from error
    return parse_parameters(body.decode("utf-8", errors="replace"))
