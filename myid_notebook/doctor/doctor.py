"""Run all checks and return the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from myid_notebook.callback.default_uri import OUTSIDE_JUPYTER, default_redirect_uri
from myid_notebook.doctor.callback_checks import callback_checks
from myid_notebook.doctor.check import Check, Environment, Finding, note, wrong
from myid_notebook.doctor.client_entry import client_entry
from myid_notebook.doctor.server_checks import access_token_check, server_checks
from myid_notebook.doctor.settings_checks import settings_checks, settings_of, version_checks
from myid_notebook.errors import SettingError
from myid_notebook.settings.resolve import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The doctor's report.

    Args:
        checks: in the order in which they were made.
        client_entry: the JSON for the administrator to put into ``CustomClients``.
    """

    checks: tuple[Check, ...]
    client_entry: str

    @property
    def healthy(self) -> bool:
        """Whether no check found why a sign-in will fail."""
        return all(check.finding is not Finding.WRONG for check in self.checks)


def examine(environment: Environment) -> Report:
    """Check everything that a sign-in needs, without signing in."""
    found = settings_of(environment)
    settings = None if isinstance(found, SettingError) else found
    redirect_uri, fault = _redirect_uri(settings, environment)
    checks = [*settings_checks(environment, found), *fault]
    if settings is None:
        checks.append(note("MyID server", "skipped until the settings above are fixed"))
    elif settings.access_token is None:
        checks += server_checks(settings, redirect_uri)
    else:
        checks.append(access_token_check(settings))
    checks += [*callback_checks(environment, redirect_uri), *version_checks(environment)]
    return Report(checks=tuple(checks), client_entry=client_entry(settings, redirect_uri))


def _redirect_uri(
    settings: Settings | None, environment: Environment
) -> tuple[str, Iterator[Check]]:
    if settings is not None and settings.redirect_uri is not None:
        return settings.redirect_uri, iter(())
    try:
        return default_redirect_uri(environment.environ), iter(())
    except SettingError as error:
        return OUTSIDE_JUPYTER, iter([wrong("redirect URI", "is missing", str(error))])
