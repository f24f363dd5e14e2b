"""Switches that make the sandbox misbehave on purpose."""

from http import HTTPStatus
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _has_body(status: int) -> int:
    if status in {HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED}:
        raise ValueError("an answer of this status has no body")
    return status


_Status = Annotated[int, Field(ge=200, le=599), AfterValidator(_has_body)]


class Faults(BaseModel):
    """What is switched on; every member off is how MyID behaves.

    Authorize side: ``denied`` redirects ``access_denied`` at once; ``server_error_redirect`` is an
    error code redirected at once; ``iss`` is sent in every redirect ("own" = the right issuer);
    ``extra_parameters`` are added to the redirect; ``repeat`` names a parameter to send twice;
    ``auto_sign_in`` is a user who is signed in without any page.

    Token side: delays and lifetimes are in seconds; ``token_hang`` never answers; ``token_drop``
    closes the connection without a byte; ``token_status`` answers that status with ``token_error``.

    API side: ``api_status`` is the answer to every call, ``api_delay`` comes before each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    denied: bool = False
    server_error_redirect: str | None = None
    iss: str | None = None
    extra_parameters: dict[str, str] = Field(default_factory=dict)
    repeat: str | None = None
    redirect_mismatch_code: Literal["unauthorized_client", "invalid_request"] = (
        "unauthorized_client"
    )
    auto_sign_in: str | None = None

    token_delay: float = Field(default=0, ge=0, allow_inf_nan=False)
    token_hang: bool = False
    token_drop: bool = False
    token_redirect: str | None = None
    token_status: _Status | None = None
    token_error: str | None = None
    token_body: Literal["html", "empty", "huge", "drip", "list", "invalid"] | None = None
    token_type: str | None = "Bearer"  # noqa: S105 - a type, not a token
    no_expires_in: bool = False
    token_lifetime: int | None = None
    refresh_token: bool = False
    omit_scope: bool = False
    code_lifetime: float = Field(default=300, ge=0, allow_inf_nan=False)
    error_description: str | None = None

    api_status: _Status | None = None
    api_delay: float = Field(default=0, ge=0, allow_inf_nan=False)

    def merged(self, switches: dict[str, object]) -> Self:
        """Return these faults with ``switches`` set as well.

        Raises:
            pydantic.ValidationError: a switch is unknown or has an impossible value.
        """
        return self.model_validate({**self.model_dump(exclude_unset=True), **switches})
