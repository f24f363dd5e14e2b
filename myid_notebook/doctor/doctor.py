"""Run all checks and return the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myid_notebook.callback.default_uri import default_redirect_uri
from myid_notebook.doctor.callback_checks import callback_checks
from myid_notebook.doctor.check import Check, Environment, Finding, note, wrong
from myid_notebook.doctor.client_entry import client_entry
from myid_notebook.doctor.conclusion import conclusion, needs_registration
from myid_notebook.doctor.server_checks import access_token_check, server_checks
from myid_notebook.doctor.settings_checks import (
    settings_checks,
    settings_of,
    values_of,
    version_checks,
)
from myid_notebook.errors import SettingError
from myid_notebook.settings.urls import check_redirect_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The doctor's report.

    Args:
        checks: in the order in which they were made.
        conclusion: what they mean together, and what to do; empty if there is nothing to do.
        client_entry: the JSON for the administrator to put into ``CustomClients``.
        needs_entry: whether registering it may mend what was found.
    """

    checks: tuple[Check, ...]
    conclusion: str
    client_entry: str
    needs_entry: bool

    @property
    def healthy(self) -> bool:
        """Whether no check found why a sign-in will fail."""
        return all(check.finding is not Finding.WRONG for check in self.checks)


def examine(environment: Environment) -> Report:
    """Check everything that a sign-in needs, without signing in."""
    found = settings_of(environment)
    settings = None if isinstance(found, SettingError) else found
    values, complete = values_of(environment)
    if settings is not None and settings.client_secret is not None:
        values["client_secret"] = settings.client_secret  # which may be from the keyring
    redirect_uri, fault = _redirect_uri(values, environment, complete=complete)
    checks = [*settings_checks(environment, found), *fault]
    if settings is None or (not redirect_uri and settings.access_token is None):
        checks.append(note("MyID server", "skipped until the settings above are fixed"))
    elif settings.access_token is None:
        checks += server_checks(settings, redirect_uri)
    else:
        checks.append(access_token_check(settings))
    checks += [*callback_checks(environment, redirect_uri), *version_checks(environment)]
    return Report(
        checks=tuple(checks),
        conclusion=conclusion(checks, settings, redirect_uri),
        client_entry=client_entry(values, redirect_uri),
        needs_entry=needs_registration(checks),
    )


def _redirect_uri(
    values: Mapping[str, str | None], environment: Environment, *, complete: bool
) -> tuple[str, list[Check]]:
    """Return the redirect URI that a sign-in would use, or an empty text and why there is none."""
    uri = values["redirect_uri"]
    if uri is not None:
        try:
            check_redirect_uri(uri)
        except ValueError:  # already reported by settings_of
            return "", []
        return uri, []
    if not complete:
        return "", []  # the profile may have one
    try:
        return default_redirect_uri(environment.environ), []
    except SettingError as error:
        return "", [wrong("redirect URI", "is missing", str(error))]
