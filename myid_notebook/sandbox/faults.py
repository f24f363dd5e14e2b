"""The switches: which MyID the sandbox imitates, and faults, which make it misbehave on purpose.

They are declared here and applied in ``authorization/authorize_endpoint.py``,
``authorization/token_*.py``, ``authorization/revocation_endpoint.py`` and ``core_api/``.
"""

import json
from collections import Counter
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, PrivateAttr


def _has_body(status: int) -> int:
    if status in {HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED}:
        raise ValueError("a response with this status has no body")
    return status


_Status = Annotated[int, Field(ge=200, le=599), AfterValidator(_has_body)]


_HeaderValue = Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$")]
"""What HTTP can send as the value of a header."""


class Faults(BaseModel):
    """The switches; with the defaults the sandbox behaves like MyID.

    The descriptions are shown by ``--help`` and stand in docs/sandbox.md. The calls that
    ``api_times``, ``api_after``, ``api_every`` and ``api_refuse_after`` count are those since any
    switch was last set.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )

    dialect: Literal["is4", "duende"] = "is4"
    """The library whose redirects are imitated: IdentityServer4, or Duende IdentityServer (303,
    iss in every redirect, #_ behind errors, unknown values of prompt refused)."""
    single_sign_on: bool = False
    """Keep a person signed in for 10 hours, by a cookie in the browser."""

    denied: bool = False
    """Redirect with access_denied, without any page."""
    server_error_redirect: str | None = None
    """Redirect with this error code, without any page."""
    iss: str | None = None
    """Send this iss in every redirect; "own" is the correct issuer."""
    extra_parameters: dict[str, str] = Field(default_factory=dict)
    """Add these parameters to the redirect."""
    repeat: str | None = None
    """Send the parameter of this name twice in the redirect."""
    redirect_mismatch_code: Literal["unauthorized_client", "invalid_request"] = (
        "unauthorized_client"
    )
    """The error code for a redirect URI that is not registered."""
    auto_sign_in: str | None = None
    """Sign this user in without any page."""

    token_delay: float = Field(default=0, ge=0, allow_inf_nan=False)
    """Delay the token response by this many seconds."""
    token_hang: bool = False
    """Never respond to a token request."""
    token_drop: bool = False
    """Close the connection of a token request without a response."""
    token_redirect: str | None = None
    """Redirect a token request to this address."""
    token_status: _Status | None = None
    """Respond to a token request with this status, and with token_error."""
    token_error: str | None = None
    """The error code that token_status sends."""
    token_body: Literal["html", "empty", "huge", "drip", "list", "invalid"] | None = None
    """Respond to a token request with status 200 and a wrong body: huge is 100 MB, drip sends a
    byte a second, invalid is JSON that is cut off."""
    token_only: (
        Literal["authorization_code", "client_credentials", "refresh_token", "revocation"] | None
    ) = None
    """Apply the switches from token_delay to token_body to token requests with this grant type
    alone, or to requests to the revocation endpoint."""
    token_used_up: bool = False
    """Apply them after the exchange, if it succeeds: the code or refresh token is used up, and its
    response is late or lost."""
    token_type: str | None = "Bearer"  # noqa: S105 - a type, not a token
    """The token_type of the token response; null leaves it out."""
    no_expires_in: bool = False
    """Leave expires_in out of the token response."""
    token_lifetime: int | None = None
    """The lifetime of a token, in seconds, whatever the client entry says."""
    omit_scope: bool = False
    """Leave scope out of the token response."""
    no_refresh_token: bool = False
    """Leave refresh_token out of the token response."""
    refresh_lifetime: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """The lifetime of a refresh token since it was issued or last used, in seconds, whatever
    SlidingRefreshTokenLifetime of the client entry says."""
    refresh_bound: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """The lifetime of all refresh tokens of a sign-in, in seconds, whatever
    AbsoluteRefreshTokenLifetime of the client entry says."""
    refresh_reuse: bool = False
    """Keep a refresh token valid when it is used, and return it again, whatever RefreshTokenUsage
    of the client entry says."""
    refresh_family: bool = False
    """Revoke all refresh tokens of a sign-in when one is presented that was used or revoked."""
    refresh_subject: str | None = None
    """Renew for this user instead of the one who signed in."""
    revocation: bool = True
    """Have a revocation endpoint, and name it in the discovery document."""
    code_lifetime: float = Field(default=300, ge=0, allow_inf_nan=False)
    """The lifetime of an authorization code, in seconds."""
    error_description: str | None = None
    """Add this error_description to errors in redirects and token responses."""

    api_status: _Status | None = None
    """Respond to API calls with an error of this status; 500 is what MyID returns if its
    AuthServerUrl is unreachable (OC 17.4.1)."""
    api_delay: float = Field(default=0, ge=0, allow_inf_nan=False)
    """Delay every API response by this many seconds."""
    api_retry_after: _HeaderValue | None = None
    """The header Retry-After of api_status: seconds, or an HTTP date."""
    api_body: (
        Literal[
            "html",
            "list",
            "number",
            "huge",
            "invalid",
            "empty",
            "no_results",
            "null",
            "cut",
            "cut_chunk",
            "encoding",
        ]
        | None
    ) = None
    """Respond to API calls with status 200 and a wrong body: html is a sign-in page, huge is 200 MB
    of JSON, invalid is JSON that is cut off, and so is cut, without Content-Length, and cut_chunk,
    in a chunk; null has null instead of both lists; encoding is JSON that claims to be gzip."""
    api_redirect: _HeaderValue | None = None
    """Redirect API calls to this address, such as /rest.core/api/roles: without api_only, a
    circle."""
    api_reset: bool = False
    """Close the connection of API calls. Of api_reset, api_redirect, api_status and api_body the
    first that is set applies."""
    api_times: int | None = Field(default=None, ge=0)
    """Apply these four to this many calls; null is no limit."""
    api_after: int = Field(default=0, ge=0)
    """Leave so many calls alone before."""
    api_every: int = Field(default=1, ge=1)
    """Apply them to each call of this number: 2 is every other call."""
    api_only: str | None = None
    """Apply them to calls whose path below the API, with its query, contains this text, ignoring
    case."""
    api_refuse_after: int | None = Field(default=None, ge=0)
    """Refuse a token after this many API calls, as if it had expired."""
    api_challenge: _HeaderValue | None = 'Bearer error="invalid_token"'
    """The header WWW-Authenticate of api_status 401, and for a token that is refused; "Bearer" does
    not say why, null leaves the header out."""
    api_errors: Literal["code", "aspnet", "html", "empty"] = "code"
    """The body of every API error: code and message; ASP.NET's title, status and errors of each
    member; a page; or nothing."""
    api_change: bool = False
    """Add a person in front of those found whenever a page of people is read, so that rows move to
    the next page meanwhile."""
    api_next: Literal["repeat", "elsewhere", "empty", "same_rows", "gap"] | None = None
    """Add a link to every page: to the same page, to another server, to an empty page with such a
    link, or to a page with the first page's rows. Or gap: the second page is empty and leads to
    the rest."""
    page_size: int = Field(default=50, ge=1)
    """The number of rows of a page."""
    page_links: bool = True
    """With false there is no member links and only the first page, as in a release without
    paging."""
    page_end: Literal["empty", "null", "missing"] = "empty"
    """What links is on a page without links: an empty list, null, or not there."""
    page_token: Literal["number", "opaque", "changes", "state", "turns"] = "number"  # noqa: S105 - of a page
    """What start is in links: a number; a token that nobody can predict, from the first link or
    from half-way on; or a number, while the server counts by itself: state returns the next rows
    whatever the number, turns refuses a page that is not the next."""
    link_texts: dict[Literal["next", "previous", "first", "last", "other"], str] = Field(
        default={"next": "Next page"}
    )
    """The links of a page in their order, by where they lead, with their texts: {"previous":
    "Zurück", "next": "Weiter"}, or {"other": "Next of kin", "next": ""}; other is another path."""
    link_form: Literal["relative", "path", "absolute"] = "relative"
    """The links of a page are relative to the API, a path from the root, or absolute URLs."""
    page_members: dict[str, JsonValue] = Field(default_factory=dict)
    """Add these members to every page, such as {"total": 2009, "hasMore": true}, or replace its
    own."""
    search_cap: int | None = Field(default=None, ge=0)
    """End every collection after this many rows, without a link, as the Operator Client does after
    200."""
    same_ids: bool = False
    """Give all rows of a page the id and href of the collection's first row."""
    swagger: bool = True
    """Serve the OpenAPI file, which is off in MyID unless an administrator turns it on."""

    # A change of switches makes another object, so the counts begin again.
    _calls: Counter[str] = PrivateAttr(default_factory=Counter)
    _places: Counter[str] = PrivateAttr(default_factory=Counter)

    def apply_to(self, path: str) -> bool:
        """Count a call of the Core API and return whether to respond to it with a fault.

        Args:
            path: the path below the API, with its query, in lower case.
        """
        if self.api_only is not None and self.api_only.lower() not in path:
            return False
        self._calls["all"] += 1
        times, remainder = divmod(self._calls["all"] - self.api_after, self.api_every)
        return remainder == 0 < times and (self.api_times is None or times <= self.api_times)

    def refuses(self, token: str) -> bool:
        """Count a call made with ``token`` and return whether to refuse the token."""
        if self.api_refuse_after is None:
            return False
        self._calls[token] += 1
        return self._calls[token] > self.api_refuse_after

    def place(self, collection: str, start: int) -> int | None:
        """Return the number of the row at which the page that is asked for begins.

        Args:
            collection: the path and the query without the page.
            start: the number in the address; 0 begins again.

        Returns:
            None refuses the page.
        """
        if self.page_token not in {"state", "turns"}:
            return start
        place = self._places[collection] if start else 0
        if self.page_token == "turns" and place != start:  # noqa: S105 - of a page
            return None
        self._places[collection] = place + self.page_size
        return place

    def merged(self, switches: dict[str, object]) -> Self:
        """Return a copy with ``switches`` set as well.

        Raises:
            pydantic.ValidationError: a switch is unknown or has an invalid value.
        """
        return self.model_validate({**self.model_dump(exclude_unset=True), **switches})


def switch_table() -> list[tuple[str, str, str]]:
    """Return the name, the values in JSON, beginning with the default, and the meaning of each."""
    members = Faults.model_json_schema()["properties"]
    return [
        (name, ", ".join(_values(member)), " ".join(str(member["description"]).split()))
        for name, member in members.items()
    ]


def _values(member: dict[str, Any]) -> list[str]:
    values = [json.dumps(member.get("default", {}))]
    for kind in member.get("anyOf", [member]):
        if "enum" in kind:
            values += map(json.dumps, kind["enum"])
        else:
            values += _VALUES[kind["type"]]
    return list(dict.fromkeys(values))


_VALUES = {
    "boolean": ("false", "true"),
    "integer": ("a whole number",),
    "number": ("a number",),
    "object": ('{"name": "value"}',),
    "string": ("a text",),
    "null": ("null",),
}
"""By type in JSON Schema."""
