"""The whole diagnosis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from myid_notebook.diagnosis.check import Check, Finding, note, wrong
from myid_notebook.diagnosis.client_entry import client_entry
from myid_notebook.diagnosis.place import Place
from myid_notebook.diagnosis.server_checks import server_checks
from myid_notebook.diagnosis.settings_checks import settings_checks, settings_of
from myid_notebook.diagnosis.version_checks import version_checks
from myid_notebook.diagnosis.way_back_checks import way_back_checks
from myid_notebook.errors import SettingError
from myid_notebook.redirects.default_uri import OUTSIDE_JUPYTER, default_redirect_uri
from myid_notebook.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the doctor found.

    Args:
        checks: in the order in which they were made.
        client_entry: the JSON an administrator should put into ``CustomClients``.
    """

    checks: tuple[Check, ...]
    client_entry: str

    @property
    def healthy(self) -> bool:
        """Whether nothing was found that will make a sign-in fail."""
        return all(check.finding is not Finding.WRONG for check in self.checks)


def examine(place: Place) -> Report:
    """Look at everything a sign-in needs, without signing anybody in.

    Args:
        place: where the sign-in would happen.
    """
    found = settings_of(place)
    settings = None if isinstance(found, SettingError) else found
    redirect_uri, fault = _redirect_uri(settings, place)
    checks = [*settings_checks(place, found), *fault]
    if settings is None:
        checks.append(note("MyID server", "not asked, as long as the settings are not usable"))
    elif settings.access_token is None:
        checks += server_checks(settings, redirect_uri)
    checks += [*way_back_checks(place, redirect_uri), *version_checks(place)]
    return Report(checks=tuple(checks), client_entry=client_entry(settings, redirect_uri))


def _redirect_uri(settings: Settings | None, place: Place) -> tuple[str, Iterator[Check]]:
    if settings is not None and settings.redirect_uri is not None:
        return settings.redirect_uri, iter(())
    try:
        return default_redirect_uri(place.environ), iter(())
    except SettingError as error:
        return OUTSIDE_JUPYTER, iter([wrong("redirect URI", "is missing", str(error))])
