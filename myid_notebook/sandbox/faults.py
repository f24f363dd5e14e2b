"""The fault switches, which make the sandbox misbehave on purpose.

They are declared here and applied in ``authorization/authorize_endpoint.py``,
``authorization/token_faults.py``, ``authorization/token_endpoint.py`` and ``core_api/errors.py``.
"""

from http import HTTPStatus
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _has_body(status: int) -> int:
    if status in {HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED}:
        raise ValueError("a response with this status has no body")
    return status


_Status = Annotated[int, Field(ge=200, le=599), AfterValidator(_has_body)]


class Faults(BaseModel):
    """The fault switches; with the defaults the sandbox behaves like MyID.

    Authorization endpoint: ``denied`` redirects with ``access_denied`` at once;
    ``server_error_redirect`` is an error code to redirect with at once; ``iss`` is sent in every
    redirect ("own" is the correct issuer); ``extra_parameters`` are added to the redirect;
    ``repeat`` names a parameter to send twice; ``auto_sign_in`` is a user name that is signed in
    without any page.

    Token endpoint: delays and lifetimes are in seconds; ``token_hang`` never responds;
    ``token_drop`` closes the connection without a response; ``token_status`` responds with that
    status and ``token_error``.

    Core API: ``api_status`` is the status of every response; ``api_delay`` delays each one, in
    seconds.
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
        """Return a copy with ``switches`` set as well.

        Raises:
            pydantic.ValidationError: a switch is unknown or has an invalid value.
        """
        return self.model_validate({**self.model_dump(exclude_unset=True), **switches})
