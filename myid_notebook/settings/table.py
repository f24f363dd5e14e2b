"""The table of settings: one row for each.

A new setting is declared in two places: its row here, and a field of ``Settings`` in resolve.py.
Magics, keywords, traits, the doctor, the command line and docs/reference/settings.md follow from
its row; the third place is what uses it.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from myid_notebook.secret import Secret
from myid_notebook.settings.urls import (
    check_characters,
    check_endpoint,
    check_redirect_uri,
    parse_base_url,
    parse_endpoint,
)

MAX_SHOW_ROWS = 1_000
"""Rows; more belong into a table of pandas, not into a notebook's file."""


class Effect(StrEnum):
    """What becomes of a setting that is changed while the session is still valid."""

    SIGN_IN = "a new sign-in, because it decides who or what the session stands for"
    NOW = "it counts at once"
    LATER = "it counts at the next sign-in"


class Setting(NamedTuple):
    """One setting, and where it may be given.

    Args:
        name: keyword argument of ``login()`` and trait of ``MyIDMagics``.
        environment: the environment variable.
        meaning: what it is, in lower case and without a full stop.
        parse: returns the value that a text stands for; raises ``ValueError`` with what is wrong
            with the text, in words that complete "it …".
        option: of ``%myid_login``, ``%myid_doctor`` and ``myid-notebook doctor``; None where there
            is none, as for secrets: a magic's line stays in the notebook.
        default: the text when nothing sets it.
        required: whether a sign-in needs it and there is no default.
        label: its name in "No … is set"; empty where that is ``name`` with spaces.
        secret: whether its value is masked everywhere.
        url: whether it is a URL, whose user name and password are masked.
        file: whether it is a path; in a profile, relative to the folder of ``myid.toml``.
        also: a type of value that ``login()``, profiles and traits take besides text; with
            ``bool``, the option needs no value.
        effect: what becomes of it while the session is still valid.
        in_sandbox: whether it counts at a sign-in to the sandbox, too; nothing else of a real MyID
            may go there.
    """

    name: str
    environment: str
    meaning: str
    parse: Callable[[str], object] = str
    option: str | None = None
    default: str | None = None
    required: bool = False
    label: str = ""
    secret: bool = False
    url: bool = False
    file: bool = False
    also: type[int] | None = None
    effect: Effect = Effect.LATER
    in_sandbox: bool = False

    @property
    def words(self) -> str:
        """Its name in a sentence."""
        short = {"api", "ca", "uri", "url"}
        words = (word.upper() if word in short else word for word in self.name.split("_"))
        return self.label or " ".join(words)

    @property
    def help(self) -> str:
        """The meaning, the environment variable and the default, for the help of a command."""
        default = f", default {self.default}" if self.default else ""
        return f"{self.meaning[:1].upper()}{self.meaning[1:]} ({self.environment}{default})."

    @property
    def option_arguments(self) -> dict[str, Any]:
        """What argparse is told of the option."""
        needs_no_value = {"nargs": "?", "const": "on"} if self.also is bool else {}
        return {"dest": self.name, "help": self.help, **needs_no_value}

    @property
    def trait(self) -> str:
        """Where IPython's configuration sets it."""
        return f"c.MyIDMagics.{self.name}"

    @property
    def places(self) -> str:
        """Every place it can be set, for an error message."""
        option = f"{self.option} (in Python {self.name}=…), " if self.option else ""
        profile = ", a profile in myid.toml" if self.in_profiles else ""
        return (
            f"{option}the environment variable {self.environment}{profile}, or "
            f"{self.trait} in ipython_config.py"
        )

    @property
    def in_profiles(self) -> bool:
        """Whether a profile may set it; not the profile itself, nor a token, which expires."""
        return self.name not in {"profile", "access_token"}


def _printable_ascii(limit: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not text.isascii() or not text.isprintable():
            raise ValueError("contains characters that MyID does not accept")
        _check_length(text, limit)
        return text

    return parse


def _check_length(text: str, limit: int) -> None:
    if len(text) > limit:
        raise ValueError(f"is longer than the {limit} characters MyID accepts")


def _client_secret(text: str) -> Secret | None:
    _check_length(text, 100)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("contains a line break or a control character")
    return Secret(text) if text else None


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def _switch(text: str) -> bool:
    values = {"on": True, "true": True, "off": False, "false": False}
    if text.lower() not in values:
        raise ValueError("must be on or off")
    return values[text.lower()]


def _rows(text: str) -> int:
    with contextlib.suppress(ValueError):  # of a number with thousands of digits
        if text.isascii() and text.isdigit() and int(text) <= MAX_SHOW_ROWS:
            return int(text)
    raise ValueError(f"must be a whole number from 0 to {MAX_SHOW_ROWS}")


def _file(text: str) -> str:
    # ~ of an unknown user, or the certificate itself in place of its path.
    with contextlib.suppress(RuntimeError, OSError, ValueError):
        path = Path(text).expanduser()
        if path.is_file():
            return str(path)
    raise ValueError("is not a file")


def _url_or_file(text: str) -> str:
    if not text.lower().startswith(("https:", "http:")):
        return _file(text)
    check_endpoint(text)
    return text


def _api_url(text: str) -> str:
    return f"{parse_base_url(text)}/"


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            name="server",
            environment="MYID_SERVER",
            option="--server",
            label="MyID server",
            meaning="the MyID server, such as https://myid.example.com",
            parse=parse_base_url,
            required=True,
            url=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="client_id",
            environment="MYID_CLIENT_ID",
            option="--client-id",
            meaning="the client id registered at MyID",
            parse=_printable_ascii(100),
            required=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="client_secret",
            environment="MYID_CLIENT_SECRET",
            meaning="the client secret in plain text; empty for a public client",
            parse=_client_secret,
            secret=True,
        ),
        Setting(
            name="redirect_uri",
            environment="MYID_REDIRECT_URI",
            option="--redirect-uri",
            meaning="the redirect URI registered at MyID",
            parse=check_redirect_uri,
            url=True,
        ),
        Setting(
            name="scope",
            environment="MYID_SCOPE",
            option="--scope",
            meaning="the scopes to request",
            parse=_printable_ascii(300),
            default="myid.rest.basic",
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="ca_bundle",
            environment="MYID_CA_BUNDLE",
            option="--ca-bundle",
            meaning="a PEM file of CA certificates to trust instead of the system's",
            parse=_file,
            file=True,
            effect=Effect.NOW,
        ),
        Setting(
            name="access_token",
            environment="MYID_ACCESS_TOKEN",
            meaning="an access token to use instead of signing in",
            parse=Secret,
            secret=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="authorize_url",
            environment="MYID_AUTHORIZE_URL",
            meaning="the authorization endpoint, if it is not under the server",
            parse=parse_endpoint,
            url=True,
        ),
        Setting(
            name="token_url",
            environment="MYID_TOKEN_URL",
            meaning="the token endpoint, if it is not under the server",
            parse=parse_endpoint,
            url=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="api_url",
            environment="MYID_API_URL",
            meaning="the API, if it is not under the server",
            parse=_api_url,
            url=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="issuer",
            environment="MYID_ISSUER",
            meaning="the issuer in MyID's redirects, if it is not {server}/web.oauth2",
            parse=check_characters,
            url=True,
        ),
        Setting(
            name="client_authentication",
            environment="MYID_CLIENT_AUTHENTICATION",
            meaning="client_secret_post, client_secret_basic, or none for a public client",
            parse=_one_of("client_secret_post", "client_secret_basic", "none"),
            default="client_secret_post",
        ),
        Setting(
            name="show_rows",
            environment="MYID_SHOW_ROWS",
            option="--show-rows",
            meaning="how many rows of a result to show; 0 keeps people out of saved notebooks",
            parse=_rows,
            default="10",
            also=int,
            effect=Effect.NOW,
            in_sandbox=True,
        ),
        Setting(
            name="read_only",
            environment="MYID_READ_ONLY",
            option="--read-only",
            meaning="whether the session refuses every request but GET, HEAD and OPTIONS: on or "
            "off",
            parse=_switch,
            default="off",
            also=bool,
            effect=Effect.NOW,
            in_sandbox=True,
        ),
        Setting(
            name="share",
            environment="MYID_SHARE",
            option="--share",
            meaning="which notebooks of this Jupyter server may use your sign-in: notebook (this "
            "one, also after a restart of its kernel), server (all of yours) or off",
            parse=_one_of("notebook", "server", "off"),
            default="notebook",
            in_sandbox=True,
        ),
        Setting(
            name="checks",
            environment="MYID_CHECKS",
            option="--checks",
            meaning="whether MyID's server, client and redirect URI are checked while the sign-in "
            "link is shown: on or off",
            parse=_switch,
            default="on",
            also=bool,
            in_sandbox=True,
        ),
        Setting(
            name="openapi",
            environment="MYID_OPENAPI",
            meaning="URL or file of MyID's API description, for %myid_api",
            parse=_url_or_file,
            file=True,
            url=True,
            effect=Effect.NOW,
        ),
        Setting(
            name="profile",
            environment="MYID_PROFILE",
            option="--profile",
            meaning="the profile of myid.toml to take settings from",
            effect=Effect.NOW,  # those that it holds count each by itself
        ),
    )
}

SECRET_SETTINGS = frozenset(name for name, setting in SETTINGS.items() if setting.secret)
"""The settings whose values nobody may see."""

IDENTITY = tuple(
    name
    for name, setting in SETTINGS.items()
    if setting.effect is Effect.SIGN_IN and not setting.secret and name != "server"
)
"""The fields of ``Settings`` that make two sign-ins alike.

Not the server, from which the URLs follow, nor an access token, which is its own sign-in.
"""
