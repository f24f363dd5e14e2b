"""The settings: what each is, and where it comes from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from myid_notebook.diagnosis.check import Check, note, ok, wrong
from myid_notebook.diagnosis.patience import within_patience
from myid_notebook.diagnosis.place import Place
from myid_notebook.errors import SettingError
from myid_notebook.settings import Settings, resolve
from myid_notebook.settings.fault import presentable
from myid_notebook.settings.keyring_secret import keyring_secret
from myid_notebook.settings.resolution import gather


def settings_of(place: Place) -> Settings | SettingError:
    """Return the settings of a place, or what is wrong with them; asks no person.

    Args:
        place: whose settings.
    """

    def without_asking(client_id: str) -> str:
        with contextlib.suppress(TimeoutError):  # a keyring may wait for somebody to unlock it
            return within_patience(lambda: keyring_secret(client_id)) or ""
        return ""

    try:
        return resolve(place.options, place.environ, place.configuration, without_asking)
    except SettingError as error:
        return error.with_traceback(None)  # whose frames hold every setting as given


def settings_checks(place: Place, found: Settings | SettingError) -> Iterator[Check]:
    """Yield one check for each setting that is set, and one for them all.

    Args:
        place: whose settings.
        found: from ``settings_of``.
    """
    values, sources = gather(place.options, place.environ, place.configuration)
    for name, value in values.items():
        if value is not None:
            yield ok(f"setting {name}", f"{presentable(name, value)} (from {sources[name]})")
    if isinstance(found, SettingError):
        yield wrong("settings", "not usable", str(found))
        return
    yield _secret_check(values["client_secret"], found)
    if found.access_token is not None:
        yield note("settings", "an access token is set, so %myid_login signs nobody in")


def _secret_check(given: str | None, settings: Settings) -> Check:
    subject = "client secret"
    if settings.client_secret is None and given is None:
        return note(
            subject,
            "none is set",
            "%myid_login asks for it. For a public client, set MYID_CLIENT_AUTHENTICATION=none.",
        )
    if settings.client_secret is None:
        return ok(subject, "this is a public client, without one")
    source = "set" if given is not None else "found in the keyring"
    return ok(subject, f"{source}, sent as {settings.client_authentication}")
