"""Resolve the settings of a sign-in from options, environment, profile and configuration."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import import_module
from typing import Any, NamedTuple

from myid_notebook.errors import SettingError
from myid_notebook.secret import Secret
from myid_notebook.settings.messages import combined, malformed, missing
from myid_notebook.settings.profiles import Profile, find_profile
from myid_notebook.settings.table import IDENTITY, SECRET_SETTINGS, SETTINGS, Effect, Setting

KEYRING_SERVICE = "myid-notebook"
"""The service name under which the keyring holds client secrets; the user name is the client id."""

_PATHS = {
    "authorize_url": "/web.oauth2/connect/authorize",
    "token_url": "/web.oauth2/connect/token",
    "api_url": "/rest.core/api/",
}
"""Of the URLs that follow from the server, unless they are set (MyID Core API guide 4.3)."""

OFFLINE_ACCESS = "offline_access"
"""The scope that asks for a refresh token."""

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
        client_authentication: ``client_secret_post``, ``client_secret_basic`` or ``none``.
        redirect_uri: None for the default of the place the kernel runs in.
        scope: space-separated scopes.
        ca_bundle: path of a PEM file; None for the system's certificates.
        access_token: a token to use instead of signing in.
        show_rows: rows of a result to show; 0 shows nothing of any person.
        read_only: whether the session refuses what may change something.
        share: ``notebook``, ``server`` or ``off``.
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
    read_only: bool
    share: str
    checks: bool
    openapi: str | None
    sources: dict[str, str] = field(repr=False, compare=False)

    @property
    def identity(self) -> dict[str, str]:
        """What decides whether a token of one sign-in will do for another."""
        return {name: getattr(self, name) for name in IDENTITY}

    @property
    def asks_to_renew(self) -> bool:
        """Whether the scope asks for a refresh token (OpenID Connect Core, section 11)."""
        return OFFLINE_ACCESS in self.scope.split()

    @property
    def scope_of_client(self) -> str:
        """The scope of client credentials, which bring no refresh token (RFC 6749 4.4.3)."""
        return " ".join(each for each in self.scope.split() if each != OFFLINE_ACCESS)

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


_FIELDS = {each.name for each in fields(Settings)}


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
    return checked(given_values(options, environ, configuration, profiles=profiles))


class GivenValues(NamedTuple):
    """The value of every setting, unchecked.

    Args:
        texts: setting name to value; None where nothing sets it.
        sources: setting name to the place the value came from.
        profile: None if none counts.
    """

    texts: dict[str, str | None]
    sources: dict[str, str]
    profile: Profile | None = None


def checked(given: GivenValues) -> Settings:
    """Return the settings that given values make.

    Raises:
        SettingError: as for ``resolve``.
    """
    texts = given.texts
    values: dict[str, Any] = {}
    errors: dict[str, SettingError | None] = {}
    for name, setting in SETTINGS.items():
        values[name], errors[name] = _value_or_error(setting, texts[name])
    unused = _unused(texts)
    used = [name for name in SETTINGS if name not in unused]
    unset = [name for name in used if SETTINGS[name].required and texts[name] is None]
    found = [missing(*unset)] if unset else []
    found += [error for name in used if (error := errors[name])]
    if found:
        raise combined(found)
    return _settings(values, given.sources)


def _unused(texts: Mapping[str, str | None]) -> set[str]:
    """Return the settings whose faults do not matter, because of others that are set."""
    unused = set()
    if texts["access_token"] is not None:
        unused |= {"client_id", "client_secret", "authorize_url", "token_url", "issuer"}
    if texts["client_authentication"] == "none":
        unused.add("client_secret")
    if all(texts[name] is not None for name in _PATHS if name not in unused):
        unused.add("server")
    return unused


def _value_or_error(setting: Setting, text: str | None) -> tuple[Any, SettingError | None]:
    if text is None:
        return None, None
    # Returned, because frames and context of a raised error would hold the text, which may be a
    # secret.
    try:
        return setting.parse(text), None
    except ValueError as fault:
        return None, malformed(setting, text, str(fault))


def _settings(values: dict[str, Any], sources: dict[str, str]) -> Settings:
    for name, path in _PATHS.items():
        values[name] = values[name] or f"{values['server']}{path}"
    values["issuer"] = values["issuer"] or _issuer(values["authorize_url"])
    has_token = values["access_token"] is not None
    if has_token:
        values |= {"authorize_url": "", "token_url": "", "issuer": None}
        values["client_id"] = values["client_id"] or ""
    if has_token or values["client_authentication"] == "none":
        values["client_secret"] = None
    return Settings(**{name: values[name] for name in SETTINGS if name in _FIELDS}, sources=sources)


def _issuer(authorize_url: str) -> str | None:
    # IdentityServer writes all of its issuer in lower case, and IIS ignores the case of paths.
    issuer, tail, rest = authorize_url.lower().rpartition("/connect/authorize")
    return issuer if tail and not rest else None


def with_client_secret(settings: Settings, value: str | None) -> Settings:
    """Return settings with a client secret from the keyring or a prompt.

    Args:
        value: empty for a public client; None if there is none.

    Raises:
        SettingError: there is none, or it is malformed.
    """
    if value is None:
        raise missing("client_secret")
    setting = SETTINGS["client_secret"]
    secret, error = _value_or_error(setting, Secret(_stripped(value)))
    if error is not None:
        raise error
    return replace(settings, client_secret=secret)


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
) -> GivenValues:
    """Return the value of every setting, unchecked; the arguments are those of ``resolve``.

    Raises:
        SettingError: the profile does not exist, or something is wrong with its file.
    """
    place, wanted = _place_and_text("profile", options, environ, configuration, None)
    profile = find_profile(wanted, place) if profiles else None
    values: dict[str, str | None] = {}
    sources: dict[str, str] = {}
    for name in SETTINGS:
        sources[name], values[name] = _place_and_text(
            name, options, environ, configuration, profile
        )
    if profile is not None:
        sources["profile"], values["profile"] = profile.chosen_by, profile.name
    return GivenValues(values, sources, profile)


def _place_and_text(
    name: str,
    options: Mapping[str, str | None],
    environ: Mapping[str, str],
    configuration: Mapping[str, str | None],
    profile: Profile | None,
) -> tuple[str, str | None]:
    setting = SETTINGS[name]
    candidates = (
        (setting.option or "argument", options.get(name)),
        (setting.environment, environ.get(setting.environment)),
        (profile.place, profile.values.get(name)) if profile else ("profile", None),
        (setting.trait, configuration.get(name)),
        ("default", setting.default),
    )
    for place, value in candidates:
        if value is None:
            continue
        text = _stripped(Secret(value) if setting.secret else value)
        # An empty value is no value, except for the secret, where it means a public client.
        if text or name == "client_secret":
            return place, text
    return NOT_SET, None


def _stripped(value: str) -> str:
    """Return a value without the whitespace and byte order marks around it.

    Files and clipboards add them, and MyID compares a secret byte by byte.
    """
    while (bare := value.strip().strip("\ufeff")) != value:
        value = bare
    return value
