"""Check the settings and the installed versions."""

from __future__ import annotations

import contextlib
import platform
from importlib.metadata import PackageNotFoundError, version

from myid_notebook.doctor.check import Examination, Result, note, ok, wrong
from myid_notebook.doctor.client_entry import is_published
from myid_notebook.doctor.probe import Probe
from myid_notebook.errors import SettingError
from myid_notebook.settings.messages import presentable, with_commas
from myid_notebook.settings.profiles import every_profile, profile_paths
from myid_notebook.settings.resolve import (
    GivenValues,
    Settings,
    checked,
    keyring_secret,
    with_client_secret,
)
from myid_notebook.settings.table import SETTINGS


def settings_of(given: GivenValues, probe: Probe) -> Settings | SettingError:
    """Return the settings that given values make, or what is wrong with them, without a prompt.

    Args:
        probe: limits how long the keyring may take, which may wait for somebody to unlock it.
    """
    try:
        settings = checked(given)
        if settings.access_token is None and settings.needs_client_secret:
            with contextlib.suppress(TimeoutError):
                secret = probe.call(lambda: keyring_secret(settings.client_id))
                settings = with_client_secret(settings, secret or "")
    except SettingError as error:
        return error.with_traceback(None)  # whose frames hold every setting as given
    return settings


def profile_check(examination: Examination) -> Result | None:
    """Return which profile counts, and what is set elsewhere instead."""
    if not examination.complete:  # settings_check reports the fault
        return None
    profile, names = examination.given.profile, every_profile()[0]
    shown = [presentable("profile", name) for name in names if not profile or name != profile.name]
    if profile is None and not shown:
        return ok(f"none: no profiles in {', '.join(map(str, profile_paths()))}")
    if profile is None:
        return note(
            f"none is chosen of: {', '.join(shown)}",
            'Choose one with --profile, MYID_PROFILE, or default = "NAME" in myid.toml.',
        )
    detail = f"{presentable('profile', profile.name)}, from {profile.path}"
    detail += f" (chosen by {profile.chosen_by})"
    if shown:
        detail += f"; other profiles: {', '.join(shown)}"
    sources = examination.given.sources
    others = [name for name in profile.values if sources[name] != profile.place]
    if not others:
        return ok(detail)
    overridden = ", ".join(f"{name} (by {sources[name]})" for name in others)
    return note(f"{detail}; overridden: {overridden}")


def other_profiles_check(examination: Examination) -> Result | None:
    """Return the faults of profiles that do not count."""
    # What keeps a sign-in from working is reported by settings_check.
    faults = [str(each) for each in every_profile()[1] if str(each) != str(examination.fault)]
    return note(" ".join(faults), "This sign-in does not use it.") if faults else None


def value_check(name: str, examination: Examination) -> Result | None:
    """Return the value of a setting, with its source."""
    value = examination.given.texts[name]
    if value is None:
        return None
    return ok(f"{presentable(name, value)} (from {examination.given.sources[name]})")


def settings_check(examination: Examination) -> Result | None:
    """Return which settings are missing or malformed."""
    fault, settings = examination.fault, examination.settings
    if fault is not None:
        return wrong(_unusable(fault, examination), str(fault))
    if settings is not None and settings.access_token is not None:
        return note("an access token is set, so %myid_login uses it instead of signing in")
    return None


def _unusable(fault: SettingError, examination: Examination) -> str:
    names, texts = fault.settings, examination.given.texts
    missing = [name for name in names if examination.complete and texts[name] is None]
    parts = {"missing": missing, "invalid": [name for name in names if name not in missing]}
    return "; ".join(
        f"{kind}: {with_commas([SETTINGS[name].environment for name in names])}"
        for kind, names in parts.items()
        if names
    )


def client_secret_check(examination: Examination) -> Result | None:
    """Return whether there is a client secret, and how it is sent."""
    settings = examination.settings
    if settings is None:
        return None
    if settings.client_secret is None and settings.needs_client_secret:
        return note(
            "not set",
            "%myid_login asks for it. For a public client, set MYID_CLIENT_AUTHENTICATION=none.",
        )
    if settings.client_secret is None:
        return ok("not needed: this is a public client")
    if is_published(settings.client_secret):
        return wrong(
            "is published in Intercede's guides and samples, so anybody knows it",
            "Create another one, ask your MyID administrator to register its hash, and set it "
            "(MYID_CLIENT_SECRET).",
        )
    source = "found in the keyring" if settings.needs_client_secret else "set"
    return ok(f"{source}, sent as {settings.client_authentication}")


_PACKAGES = (
    *("ipykernel", "ipython", "ipywidgets", "jupyter_server", "jupyterlab", "notebook", "requests"),
)


def versions_check(examination: Examination) -> Result:
    """Return the versions of Python and of packages."""
    found = [f"{name} {_version(name)}" for name in _PACKAGES if _version(name)]
    # The Jupyter server may run in another environment, with other versions.
    where = "in the kernel's environment: " if examination.environment.in_kernel else ""
    return ok(f"{where}Python {platform.python_version()}, {', '.join(found)}")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
