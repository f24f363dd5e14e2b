"""Run all checks and return the report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from myid_notebook.callback.jupyter_servers import default_redirect_uri
from myid_notebook.doctor import callback_checks, server_checks, settings_checks
from myid_notebook.doctor.check import Check, Environment, Examination, Finding, Line
from myid_notebook.doctor.client_entry import client_entry
from myid_notebook.doctor.conclusion import conclusion, needs_registration
from myid_notebook.doctor.probe import Probe
from myid_notebook.errors import SettingError
from myid_notebook.settings.resolve import Settings, given_values
from myid_notebook.settings.table import SETTINGS
from myid_notebook.settings.urls import check_redirect_uri

CHECKS = (
    Check("profile", "profile", settings_checks.profile_check),
    Check("other_profiles", "other profiles", settings_checks.other_profiles_check),
    *(
        Check(f"setting_{name}", f"setting {name}", partial(settings_checks.value_check, name))
        for name in SETTINGS
        if name != "profile"
    ),
    Check("settings", "settings", settings_checks.settings_check),
    Check("client_secret", "client secret", settings_checks.client_secret_check),
    Check("redirect_uri", "redirect URI", callback_checks.redirect_uri_check),
    Check("myid_server", "MyID server", server_checks.myid_server_check),
    Check("tls", "TLS", server_checks.tls_check),
    Check("clock", "clock", server_checks.clock_check),
    Check("authorize_endpoint", "authorize endpoint", server_checks.authorize_endpoint_check),
    Check("token_endpoint", "token endpoint", server_checks.token_endpoint_check),
    Check("access_token", "access token", server_checks.access_token_check),
    Check("extension", "Jupyter extension", callback_checks.extension_check),
    Check("callback", "callback", callback_checks.callback_check),
    Check("route", "redirect handled by", callback_checks.route_check),
    Check("runtime_folder", "runtime folder", callback_checks.runtime_folder_check),
    Check("versions", "versions", settings_checks.versions_check),
)
"""All checks, in the order in which they are made."""

TIMEOUT = 10.0
"""Seconds for each request of the doctor; a report needs at most five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The doctor's report.

    Args:
        lines: in the order in which the checks were made.
        conclusion: what they mean together, and what to do; empty if there is nothing to do.
        client_entry: the JSON for the administrator to put into ``CustomClients``.
        needs_entry: whether registering it may mend what was found.
    """

    lines: tuple[Line, ...]
    conclusion: str
    client_entry: str
    needs_entry: bool

    @property
    def healthy(self) -> bool:
        """Whether no check found why a sign-in will fail."""
        return all(line.result.finding is not Finding.WRONG for line in self.lines)


def examine(environment: Environment) -> Report:
    """Check everything that a sign-in needs, without signing in."""
    examination = _examination(environment)
    results = ((check, check.run(examination)) for check in CHECKS)
    lines = tuple(Line(check, result) for check, result in results if result is not None)
    settings, redirect_uri = examination.settings, examination.redirect_uri
    values = dict(examination.given.texts)
    if settings is not None and settings.client_secret is not None:
        values["client_secret"] = settings.client_secret  # which may be from the keyring
    return Report(
        lines=lines,
        conclusion=conclusion(lines, settings, redirect_uri),
        client_entry=client_entry(values, redirect_uri),
        needs_entry=needs_registration(lines),
    )


def _examination(environment: Environment) -> Examination:
    probe = Probe(TIMEOUT)
    places = environment.options, environment.environ, environment.configuration
    found: Settings | SettingError
    try:
        given, complete = given_values(*places), True
        found = settings_checks.settings_of(given, probe)
    except SettingError as error:  # of the profile
        given, complete = given_values(*places, profiles=False), False
        found = error.with_traceback(None)  # whose frames hold every setting as given
    redirect_uri, no_redirect_uri = _redirect_uri(
        given.texts["redirect_uri"], environment, complete=complete
    )
    return Examination(
        probe=probe,
        environment=environment,
        settings=None if isinstance(found, SettingError) else found,
        fault=found if isinstance(found, SettingError) else None,
        given=given,
        complete=complete,
        redirect_uri=redirect_uri,
        no_redirect_uri=no_redirect_uri,
    )


def _redirect_uri(
    given: str | None, environment: Environment, *, complete: bool
) -> tuple[str, str]:
    """Return the redirect URI that a sign-in would use, or an empty text and why there is none."""
    if given is not None:
        try:
            check_redirect_uri(given)
        except ValueError:  # settings_check reports it
            return "", ""
        return given, ""
    if not complete:
        return "", ""  # the profile may have one
    try:
        return default_redirect_uri(environment.environ), ""
    except SettingError as error:
        return "", str(error)
