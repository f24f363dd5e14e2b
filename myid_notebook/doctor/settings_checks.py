"""Check the settings and the installed versions."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from myid_notebook.doctor.check import (
    Cause,
    Check,
    Environment,
    note,
    ok,
    within_check_timeout,
    wrong,
)
from myid_notebook.doctor.client_entry import is_published
from myid_notebook.errors import SettingError
from myid_notebook.settings.messages import presentable, with_commas
from myid_notebook.settings.profiles import Profile, every_profile, profile_paths
from myid_notebook.settings.resolve import (
    Settings,
    chosen_profile,
    given_values,
    keyring_secret,
    resolve,
    with_client_secret,
)
from myid_notebook.settings.table import SETTINGS


def settings_of(environment: Environment) -> Settings | SettingError:
    """Return the settings of an environment, or what is wrong with them, without a prompt."""
    try:
        settings = resolve(*_places(environment))
        if settings.access_token is None and settings.needs_client_secret:
            settings = with_client_secret(settings, _kept_secret(settings.client_id))
    except SettingError as error:
        return error.with_traceback(None)  # whose frames hold every setting as given
    return settings


def _kept_secret(client_id: str) -> str:
    """Return the client secret in the keyring; empty if there is none, or not in time."""
    with contextlib.suppress(TimeoutError):  # a keyring may wait for somebody to unlock it
        return within_check_timeout(lambda: keyring_secret(client_id)) or ""
    return ""


def values_of(environment: Environment) -> tuple[dict[str, str | None], bool]:
    """Return the value of every setting, unchecked, and whether the profile's are among them."""
    values, _, complete = _given(environment)
    return values, complete


def settings_checks(environment: Environment, found: Settings | SettingError) -> Iterator[Check]:
    """Yield the checks of the profile, of each setting that is set, and of the client secret."""
    with contextlib.suppress(SettingError):  # already reported by settings_of
        yield _profile_check(environment, chosen_profile(*_places(environment)))
    yield from _other_profiles(found)
    values, sources, complete = _given(environment)
    for name, value in values.items():
        if value is not None and name != "profile":
            yield ok(f"setting {name}", f"{presentable(name, value)} (from {sources[name]})")
    if isinstance(found, SettingError):
        unset = [name for name in found.settings if complete and values[name] is None]
        yield wrong("settings", _unusable(found, unset), str(found), cause=Cause.SETTINGS)
        return
    yield _secret_check(found)
    if found.access_token is not None:
        yield note(
            "settings", "an access token is set, so %myid_login uses it instead of signing in"
        )


def _unusable(found: SettingError, unset: list[str]) -> str:
    parts = {"missing": unset, "invalid": [each for each in found.settings if each not in unset]}
    return "; ".join(
        f"{kind}: {with_commas([SETTINGS[name].environment for name in names])}"
        for kind, names in parts.items()
        if names
    )


def _given(environment: Environment) -> tuple[dict[str, str | None], dict[str, str], bool]:
    try:
        return *given_values(*_places(environment)), True
    except SettingError:  # of the profile
        return *given_values(*_places(environment), profiles=False), False


def _places(
    environment: Environment,
) -> tuple[Mapping[str, str | None], Mapping[str, str], Mapping[str, str | None]]:
    return environment.options, environment.environ, environment.configuration


def _profile_check(environment: Environment, profile: Profile | None) -> Check:
    names = every_profile()[0]
    shown = [presentable("profile", name) for name in names if not profile or name != profile.name]
    if profile is None and not shown:
        return ok("profile", f"none: no profiles in {', '.join(map(str, profile_paths()))}")
    if profile is None:
        return note(
            "profile",
            f"none is chosen of: {', '.join(shown)}",
            'Choose one with --profile, MYID_PROFILE, or default = "NAME" in myid.toml.',
        )
    detail = f"{presentable('profile', profile.name)}, from {profile.path}"
    detail += f" (chosen by {profile.chosen_by})"
    if shown:
        detail += f"; other profiles: {', '.join(shown)}"
    _, sources = given_values(*_places(environment))
    others = [name for name in profile.values if sources[name] != profile.place]
    if not others:
        return ok("profile", detail)
    overridden = ", ".join(f"{name} (by {sources[name]})" for name in others)
    return note("profile", f"{detail}; overridden: {overridden}")


def _other_profiles(found: Settings | SettingError) -> Iterator[Check]:
    for fault in every_profile()[1]:
        if str(fault) != str(found):  # that is reported as what keeps a sign-in from working
            yield note("other profiles", str(fault), "This sign-in does not use it.")


def _secret_check(settings: Settings) -> Check:
    subject = "client secret"
    if settings.client_secret is None and settings.needs_client_secret:
        return note(
            subject,
            "not set",
            "%myid_login asks for it. For a public client, set MYID_CLIENT_AUTHENTICATION=none.",
        )
    if settings.client_secret is None:
        return ok(subject, "not needed: this is a public client")
    if is_published(settings.client_secret):
        return wrong(
            subject,
            "is published in Intercede's guides and samples, so anybody knows it",
            "Create another one, ask your MyID administrator to register its hash, and set it "
            "(MYID_CLIENT_SECRET).",
        )
    source = "found in the keyring" if settings.needs_client_secret else "set"
    return ok(subject, f"{source}, sent as {settings.client_authentication}")


_PACKAGES = (
    *("ipykernel", "ipython", "ipywidgets", "jupyter_server", "jupyterlab", "notebook", "requests"),
)


def version_checks(environment: Environment) -> Iterator[Check]:
    """Yield the check of versions."""
    found = [f"{name} {_version(name)}" for name in _PACKAGES if _version(name)]
    # The Jupyter server may run in another environment, with other versions.
    where = "in the kernel's environment: " if environment.in_kernel else ""
    yield ok("versions", f"{where}Python {platform.python_version()}, {', '.join(found)}")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
