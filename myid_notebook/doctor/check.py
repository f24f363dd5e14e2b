"""A check of the doctor, its result, and what the checks look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from myid_notebook.callback.route import CallbackRoute, choose_route
from myid_notebook.doctor.probe import Probe
from myid_notebook.errors import SettingError
from myid_notebook.oauth.authorization import AuthorizationRequest
from myid_notebook.settings.resolve import GivenValues, Settings
from myid_notebook.transport.client import HTTPResponse
from myid_notebook.transport.failure import Failure, variable_of_url

NOT_A_VERIFIER = "myid-doctor-this-is-not-a-verifier-0000000000000"


class Finding(StrEnum):
    """What kind of result a check has."""

    OK = "ok"
    NOTE = "note"
    WRONG = "problem"


class Cause(StrEnum):
    """Why a check found what it found, as far as a conclusion needs it."""

    NO_RESPONSE = "no response"
    SERVER_FAULT = "the server fails"
    OTHER_SERVER = "the response is not MyID's"
    ERROR_PAGE = "MyID's error page"
    BAD_REQUEST = "MyID's error page: it knows the client, but not the redirect URI"
    SCOPE = "MyID's error page: the scope is not allowed"
    CLIENT = "the token endpoint refuses the client"
    GRANT = "the client may not use the authorization code grant"
    OTHER_PORT = "the redirect URI is at another port than this Jupyter server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a check found.

    Args:
        detail: holds no secret.
        remedy: what to do, and who can do it; may be empty.
        certain: whether a sign-in fails because of it even if a browser reaches MyID in another
            way than this process.
        cause: what a conclusion can be made from; None if nothing.
    """

    finding: Finding
    detail: str
    remedy: str = ""
    certain: bool = False
    cause: Cause | None = None


def ok(detail: str, *, cause: Cause | None = None) -> Result:
    """Return the result of a check that found no problem."""
    return Result(finding=Finding.OK, detail=detail, cause=cause)


def note(detail: str, remedy: str = "", *, cause: Cause | None = None) -> Result:
    """Return the result of a check that found something to know, which may be intended."""
    return Result(finding=Finding.NOTE, detail=detail, remedy=remedy, cause=cause)


def wrong(detail: str, remedy: str, *, cause: Cause | None = None, certain: bool = False) -> Result:
    """Return the result of a check that found why a sign-in will fail."""
    return Result(finding=Finding.WRONG, detail=detail, remedy=remedy, cause=cause, certain=certain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a sign-in would happen, and with which settings.

    Args:
        options: setting name to value, from the command.
        configuration: trait name to value, from IPython's configuration.
        in_kernel: whether the doctor runs in a Jupyter kernel, not in a terminal.
    """

    options: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    environ: Mapping[str, str] = field(repr=False)
    configuration: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    in_kernel: bool = False


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What the checks look at; MyID and the route are asked once, when a check needs them.

    Args:
        probe: sends the requests.
        settings: None if they have a fault.
        fault: what is wrong with the settings; None if nothing.
        complete: whether the given values include those of the profile.
        redirect_uri: the one a sign-in would use; empty if there is none that can be used.
        no_redirect_uri: why there is no default; may be empty.
    """

    probe: Probe
    environment: Environment
    settings: Settings | None
    fault: SettingError | None = None
    given: GivenValues = field(default=GivenValues({}, {}), repr=False)
    complete: bool = True
    redirect_uri: str
    no_redirect_uri: str = ""

    @cached_property
    def authorize_page(self) -> HTTPResponse | Failure | None:
        """MyID's response to the sign-in link; None if nobody is to sign in, or cannot."""
        settings = self.settings
        if settings is None or settings.access_token is not None or not self.redirect_uri:
            return None
        request = AuthorizationRequest(
            authorize_url=settings.authorize_url,
            client_id=settings.client_id,
            redirect_uri=self.redirect_uri,
            scope=settings.scope,
            state="myid-doctor",
            code_verifier=NOT_A_VERIFIER,
            issuer=None,
        )
        return self.probe.send(
            "GET",
            request.url,
            settings.ca_bundle,
            setting=variable_of_url(settings, "authorize_url"),
            # An error may be sent to the redirect URI, which this process is not to visit.
            stop_at=self.redirect_uri,
        )

    @cached_property
    def route(self) -> CallbackRoute | None:
        """How the redirect would arrive; None if a Jupyter server does not respond in time."""
        try:
            return self.probe.call(self._choose_and_close_route)
        except TimeoutError:
            return None

    def _choose_and_close_route(self) -> CallbackRoute:
        route = choose_route(self.redirect_uri, self.environment.environ, paste=False)
        route.close()
        return route


class Check(NamedTuple):
    """A check of the doctor.

    Args:
        key: what the code calls it.
        subject: what users read that was checked.
        run: returns what was found; None if the check does not apply.
    """

    key: str
    subject: str
    run: Callable[[Examination], Result | None]


class Line(NamedTuple):
    """A check that was made, and its result."""

    check: Check
    result: Result
