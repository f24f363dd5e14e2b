"""Check the settings, the installed versions and the front end."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from myid_notebook.doctor.check import Check, Environment, note, ok, within_check_timeout, wrong
from myid_notebook.errors import SettingError
from myid_notebook.settings.messages import presentable
from myid_notebook.settings.resolve import (
    Settings,
    given_values,
    keyring_secret,
    resolve,
    with_client_secret,
)


def settings_of(environment: Environment) -> Settings | SettingError:
    """Return the settings of an environment, or what is wrong with them, without a prompt."""
    try:
        settings = resolve(environment.options, environment.environ, environment.configuration)
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


def settings_checks(environment: Environment, found: Settings | SettingError) -> Iterator[Check]:
    """Yield a check for each setting that is set, and one for the client secret."""
    values, sources = given_values(
        environment.options, environment.environ, environment.configuration
    )
    for name, value in values.items():
        if value is not None:
            yield ok(f"setting {name}", f"{presentable(name, value)} (from {sources[name]})")
    if isinstance(found, SettingError):
        yield wrong("settings", "invalid", str(found))
        return
    yield _secret_check(found)
    if found.access_token is not None:
        yield note(
            "settings", "an access token is set, so %myid_login uses it instead of signing in"
        )


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
    source = "found in the keyring" if settings.needs_client_secret else "set"
    return ok(subject, f"{source}, sent as {settings.client_authentication}")


_PACKAGES = ("ipykernel", "ipython", "jupyter_server", "jupyterlab", "notebook", "requests")


def version_checks(environment: Environment) -> Iterator[Check]:
    """Yield the checks of versions and of the front end."""
    found = [f"{name} {_version(name)}" for name in _PACKAGES if _version(name)]
    yield ok("versions", f"Python {platform.python_version()}, {', '.join(found)}")
    yield _widget_check(environment)


def _widget_check(environment: Environment) -> Check:
    subject = "front end"
    if not environment.in_kernel:
        return ok(
            subject, "a terminal: the sign-in link is printed, and opened in a browser if possible"
        )
    if _version("ipywidgets") is None:
        return note(subject, "ipywidgets is not installed: the sign-in link is shown as plain HTML")
    if _version("jupyterlab_widgets") is None:
        return note(
            subject,
            "ipywidgets is installed; the kernel cannot notify whether the front end shows widgets",
            "Without jupyterlab_widgets, the sign-in link is shown as plain HTML.",
        )
    return ok(subject, f"ipywidgets {_version('ipywidgets')} and its widget manager are installed")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
