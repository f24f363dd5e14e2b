"""Resolve the settings of a sign-in from options, environment, profile and configuration."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

from myid_notebook.errors import SettingError
from myid_notebook.secret import Secret
from myid_notebook.settings.endpoints import endpoint_url, issuer_url
from myid_notebook.settings.messages import check_setting, malformed, missing
from myid_notebook.settings.profiles import Profile, find_profile
from myid_notebook.settings.table import IDENTITY, SECRET_SETTINGS, SETTINGS, Effect, Setting
from myid_notebook.settings.urls import check_endpoint, check_redirect_uri

KEYRING_SERVICE = "myid-notebook"
"""The service name under which the keyring holds client secrets; the user name is the client id."""

AUTHENTICATION_METHODS = ("client_secret_post", "client_secret_basic", "none")

SHARES = ("notebook", "server", "off")

SWITCH = ("on", "off")

MAX_SHOW_ROWS = 1_000
"""Rows; more belong into a table of pandas, not into a notebook's file."""

NOT_SET = "not set"
"""The source of a value that is not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings of one sign-in.

    Args:
        authorize_url: empty with an access token, like ``token_url``; ``client_id`` may be.
        api_url: ends in a slash.
        issuer: expected in redirects; None if unknown, and with an access token.
        client_secret: None for a public client, and while ``needs_client_secret`` is not met.
        client_authentication: one of ``AUTHENTICATION_METHODS``.
        redirect_uri: None for the default of the place the kernel runs in.
        scope: space-separated scopes.
        ca_bundle: path of a PEM file; None for the system's certificates.
        access_token: a token to use instead of signing in.
        show_rows: rows of a result to show; 0 shows nothing of any person.
        share: one of ``SHARES``.
        checks: whether MyID is checked while the link is shown.
        openapi: URL or path of MyID's API description; None for the usual URL.
        sources: setting name to the place its value came from, such as ``MYID_SCOPE``.
    """

    authorize_url: str
    token_url: str
    api_url: str
    issuer: str | None
    client_id: str
    client_secret: Secret | None = field(repr=False)
    client_authentication: str
    redirect_uri: str | None
    scope: str
    ca_bundle: str | None
    access_token: Secret | None = field(repr=False)
    show_rows: int
    share: str
    checks: bool
    openapi: str | None
    sources: dict[str, str] = field(repr=False, compare=False)

    @property
    def identity(self) -> dict[str, str]:
        """What decides whether a token of one sign-in will do for another."""
        return {name: getattr(self, name) for name in IDENTITY}

    @property
    def without_secrets(self) -> Settings:
        """The same settings, to be kept for as long as the session is."""
        return replace(self, client_secret=None, access_token=None)

    def set_later(self, other: Settings) -> set[str]:
        """Return the settings that differ in the other, and count at a sign-in only."""
        later = {name for name in SETTINGS if SETTINGS[name].effect is Effect.LATER}
        shown = later - SECRET_SETTINGS
        return {name for name in shown if getattr(self, name) != getattr(other, name)}

    @property
    def needs_client_secret(self) -> bool:
        """Whether a client secret is sent to MyID, but no setting gives it."""
        return self.sources["client_secret"] == NOT_SET and self.client_authentication != "none"


def resolve(
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    configuration: Mapping[str, str | None],
    *,
    profiles: bool = True,
) -> Settings:
    """Return the settings of one sign-in.

    Each comes from the option, else the environment, profile, configuration or default.

    Args:
        options: setting name to value, from a magic or a call; None where not given.
        configuration: trait name to value, from IPython's configuration; None where not set.
        profiles: whether a profile of ``myid.toml`` counts.

    Returns:
        The settings; without a client secret where ``needs_client_secret`` says so.

    Raises:
        SettingError: settings are missing or malformed; it names all of them and their places.
    """
    values, sources = given_values(options, environ, configuration, profiles=profiles)
    given = dict(values)
    faults: list[SettingError] = []
    while True:
        try:
            settings = _checked(values, sources)
        except SettingError as fault:
            if fault.setting in {each.setting for each in faults}:
                raise
            faults.append(fault.with_traceback(None))  # whose frames hold what is set
            # A usable value in its place, so that the next faults are found as well.
            default = SETTINGS[fault.setting].default
            values[fault.setting] = _STAND_INS.get(fault.setting, default)
        else:
            break
    if faults:
        raise _together(faults, given)
    return settings


_STAND_INS = {
    **dict.fromkeys(["server", "authorize_url", "token_url", "api_url"], "https://myid.invalid"),
    "client_id": "myid.notebook",
}


def _together(faults: list[SettingError], values: Mapping[str, str | None]) -> SettingError:
    unset = [fault.setting for fault in faults if values[fault.setting] is None]
    others = [fault for fault in faults if fault.setting not in unset]
    errors = ([missing(*unset)] if unset else []) + others
    names = [fault.setting for fault in faults]
    return SettingError(names[0], " ".join(map(str, errors)), *names[1:])


def _checked(values: Mapping[str, str | None], sources: dict[str, str]) -> Settings:
    token = values["access_token"]
    return Settings(
        authorize_url=endpoint_url(values, "authorize_url") if not token else "",
        token_url=endpoint_url(values, "token_url") if not token else "",
        api_url=endpoint_url(values, "api_url"),
        issuer=issuer_url(values) if not token else None,
        client_id=_ascii_text(values, "client_id") if not token else values["client_id"] or "",
        client_authentication=_one_of(values, "client_authentication", AUTHENTICATION_METHODS),
        redirect_uri=_redirect_uri(values),
        scope=_ascii_text(values, "scope"),
        ca_bundle=_file(values, "ca_bundle"),
        access_token=Secret(token) if token else None,
        client_secret=_client_secret(values) if not token else None,
        show_rows=_show_rows(values),
        share=_one_of(values, "share", SHARES),
        checks=_one_of(values, "checks", SWITCH) == "on",
        openapi=_openapi(values),
        sources=sources,
    )


def with_client_secret(settings: Settings, value: str | None) -> Settings:
    """Return settings with a client secret from the keyring or a prompt.

    Args:
        value: empty for a public client; None if there is none.

    Raises:
        SettingError: there is none, or it is malformed.
    """
    if value is None:
        raise missing("client_secret")
    return replace(settings, client_secret=_checked_secret(value))


def keyring_secret(client_id: str) -> str | None:
    """Return the client secret in the keyring; None without one, or without the library."""
    # keyring is optional, and its backends raise what they like.
    with contextlib.suppress(Exception):
        secret = import_module("keyring").get_password(KEYRING_SERVICE, client_id)
        return secret if isinstance(secret, str) else None
    return None


def given_values(
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    configuration: Mapping[str, str | None],
    *,
    profiles: bool = True,
) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return the value of every setting, unchecked, and the place it came from.

    The arguments are those of ``resolve``.

    Raises:
        SettingError: the profile does not exist, or something is wrong with its file.
    """
    profile = chosen_profile(options, environ, configuration) if profiles else None
    values: dict[str, str | None] = {}
    sources: dict[str, str] = {}
    for name in SETTINGS:
        sources[name], values[name] = _given(name, options, environ, configuration, profile)
    if profile is not None:
        sources["profile"], values["profile"] = profile.chosen_by, profile.name
    return values, sources


def chosen_profile(
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    configuration: Mapping[str, str | None],
) -> Profile | None:
    """Return the profile that the arguments of ``resolve`` or a file choose; None without one.

    Raises:
        SettingError: it does not exist, or something is wrong with its file.
    """
    place, name = _given("profile", options, environ, configuration, None)
    return find_profile(name, place)


def _given(
    name: str,
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    configuration: Mapping[str, str | None],
    profile: Profile | None,
) -> tuple[str, str | None]:
    setting = SETTINGS[name]
    candidates = (
        (setting.option or "argument", _masked(setting, options.get(name))),
        (setting.environment, _masked(setting, environ.get(setting.environment))),
        (profile.place, profile.values.get(name)) if profile else ("profile", None),
        (f"c.MyIDMagics.{name}", _masked(setting, configuration.get(name))),
        ("default", setting.default),
    )
    # An empty value is no value, except for the secret, where it means a public client.
    given = (
        (place, text)
        for place, value in candidates
        if value is not None and ((text := strip_value(value)) or name == "client_secret")
    )
    return next(given, (NOT_SET, None))


def strip_value(value: str) -> str:
    """Return a value without the whitespace and byte order marks around it.

    Files and clipboards add them, and MyID compares a secret byte by byte.
    """
    while (bare := value.strip().strip("\ufeff")) != value:
        value = bare
    return value


def _masked(setting: Setting, value: str | None) -> str | None:
    return Secret(value) if setting.secret and value is not None else value


def _ascii_text(values: Mapping[str, str | None], name: str) -> str:
    value, setting = values[name], SETTINGS[name]
    if value is None:
        raise missing(name)
    if not value.isascii() or not value.isprintable():
        raise malformed(name, value, "contains characters that MyID does not accept")
    if setting.is_too_long(value):
        raise malformed(name, value, f"is longer than {setting.max_length} characters")
    return value


def _one_of(values: Mapping[str, str | None], name: str, allowed: tuple[str, ...]) -> str:
    value = values[name] or ""
    if value not in allowed:
        raise malformed(name, value, f"must be one of {', '.join(allowed)}")
    return value


def _redirect_uri(values: Mapping[str, str | None]) -> str | None:
    value = values["redirect_uri"]
    if value is not None:
        check_setting("redirect_uri", value, check_redirect_uri)
    return value


def _openapi(values: Mapping[str, str | None]) -> str | None:
    value = values["openapi"]
    if value is None or not value.lower().startswith(("https:", "http:")):
        return _file(values, "openapi")
    check_setting("openapi", value, check_endpoint)
    return value


def _file(values: Mapping[str, str | None], name: str) -> str | None:
    value = values[name]
    if value is None:
        return None
    # ~ of an unknown user, or the certificate itself in place of its path.
    with contextlib.suppress(RuntimeError, OSError, ValueError):
        path = Path(value).expanduser()
        if path.is_file():
            return str(path)
    raise malformed(name, value, "is not a file")


def _show_rows(values: Mapping[str, str | None]) -> int:
    value = values["show_rows"] or ""
    if value.isascii() and value.isdigit() and int(value) <= MAX_SHOW_ROWS:
        return int(value)
    fault = f"must be a whole number from 0 to {MAX_SHOW_ROWS}"
    raise malformed("show_rows", value, fault)


def _client_secret(values: Mapping[str, str | None]) -> Secret | None:
    value = values["client_secret"]
    if value is None or values["client_authentication"] == "none":
        return None
    return _checked_secret(value)


def _checked_secret(value: str) -> Secret | None:
    secret, setting = Secret(strip_value(value)), SETTINGS["client_secret"]
    if setting.is_too_long(secret):
        fault = f"is longer than the {setting.max_length} characters MyID accepts"
        raise malformed("client_secret", secret, fault)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in secret):
        raise malformed("client_secret", secret, "contains a line break or a control character")
    return secret or None
