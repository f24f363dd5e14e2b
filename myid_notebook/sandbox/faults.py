"""The fault switches, which make the sandbox misbehave on purpose.

They are declared here and applied in ``authorization/authorize_endpoint.py``,
``authorization/token_faults.py``, ``authorization/token_endpoint.py`` and ``core_api/``.
"""

from collections import Counter
from http import HTTPStatus
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr


def _has_body(status: int) -> int:
    if status in {HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED}:
        raise ValueError("a response with this status has no body")
    return status


_Status = Annotated[int, Field(ge=200, le=599), AfterValidator(_has_body)]


_HeaderValue = Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$")]
"""What HTTP can send as the value of a header."""


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

    Core API, every call: ``api_delay`` delays the response, in seconds.

    Core API, instead of the response: ``api_reset`` closes the connection; ``api_status`` is the
    status of an error (500 is what MyID returns if its AuthServerUrl is unreachable, OC 17.4.1),
    with the header Retry-After if ``api_retry_after`` is set (seconds or an HTTP date);
    ``api_body`` is the kind of a wrong body with status 200 ("huge" is 200 MB of JSON, "invalid"
    is JSON that is cut off). The first of these that is set applies. They apply to ``api_times``
    calls (None: no limit), to each ``api_every``-th call, and only to calls whose path below the
    API contains ``api_only``, ignoring case.

    Core API, tokens: ``api_refuse_after`` is the number of calls that a token is good for; from
    then on it is refused as if it had expired.

    Calls are counted from when any switch was last set.

    Core API, pages: ``page_size`` is the number of rows of a page; without ``page_links`` there is
    no ``links`` member and only the first page, as in a release without paging; ``api_change``
    adds a person in front of those found whenever a page of people is read, so that rows move to
    the next page meanwhile; ``api_next`` adds a link to every page, which leads to the same page,
    to another server, to an empty page with such a link, or to a page with the first page's rows.

    ``swagger`` serves the OpenAPI file, which is off in MyID unless an administrator turns it on.
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
    api_retry_after: _HeaderValue | None = None
    api_body: Literal["html", "list", "number", "huge", "invalid", "empty", "no_results"] | None = (
        None
    )
    api_reset: bool = False
    api_times: int | None = Field(default=None, ge=0)
    api_every: int = Field(default=1, ge=1)
    api_only: str | None = None
    api_refuse_after: int | None = Field(default=None, ge=0)
    api_change: bool = False
    api_next: Literal["repeat", "elsewhere", "empty", "same_rows"] | None = None
    page_size: int = Field(default=50, ge=1)
    page_links: bool = True
    swagger: bool = True

    # A change of switches makes another object, so the counts begin again.
    _calls: Counter[str] = PrivateAttr(default_factory=Counter)

    def apply_to(self, path: str) -> bool:
        """Count a call of the Core API and return whether to respond to it with a fault.

        Args:
            path: the path below the API, in lower case.
        """
        if self.api_only is not None and self.api_only.lower() not in path:
            return False
        self._calls["all"] += 1
        times, remainder = divmod(self._calls["all"], self.api_every)
        return remainder == 0 and (self.api_times is None or times <= self.api_times)

    def refuses(self, token: str) -> bool:
        """Count a call made with ``token`` and return whether to refuse the token."""
        if self.api_refuse_after is None:
            return False
        self._calls[token] += 1
        return self._calls[token] > self.api_refuse_after

    def merged(self, switches: dict[str, object]) -> Self:
        """Return a copy with ``switches`` set as well.

        Raises:
            pydantic.ValidationError: a switch is unknown or has an invalid value.
        """
        return self.model_validate({**self.model_dump(exclude_unset=True), **switches})
