"""The table of settings: one row for each.

A new setting is declared in three places, and tests/settings/test_one_table.py names the one that
is missing: its row here, its row in the README, and its name in the docstring of ``login()`` in
kernel/api.py. Magics, keywords, traits, the doctor and the command line follow from this table.
What a sign-in then uses is a field of ``Settings`` in resolve.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from myid_notebook.settings.urls import MAX_REDIRECT_URI


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
        option: of ``%myid_login``, ``%myid_doctor`` and ``myid-notebook doctor``; None where there
            is none, as for secrets: a magic's line stays in the notebook.
        default: the value when nothing sets it.
        label: its name in "No … is set"; empty where that is ``name`` with spaces.
        secret: whether its value is masked everywhere.
        url: whether it is a URL, whose user name and password are masked.
        max_length: the most characters that IdentityServer accepts; None for no limit.
        number: whether ``login()`` takes an integer as well.
        effect: what becomes of it while the session is still valid.
    """

    name: str
    environment: str
    meaning: str
    option: str | None = None
    default: str | None = None
    label: str = ""
    secret: bool = False
    url: bool = False
    max_length: int | None = None
    number: bool = False
    effect: Effect = Effect.LATER

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
    def places(self) -> str:
        """Every place it can be set, for an error message."""
        option = f"%myid_login {self.option} …, " if self.option else ""
        profile = ", a profile in myid.toml" if self.in_profiles else ""
        return (
            f"{option}the environment variable {self.environment}{profile}, or "
            f"c.MyIDMagics.{self.name} in ipython_config.py"
        )

    @property
    def in_profiles(self) -> bool:
        """Whether a profile may set it; not the profile itself, nor a token, which expires."""
        return self.name not in {"profile", "access_token"}

    def is_too_long(self, value: str) -> bool:
        """Return whether a value has more characters than IdentityServer accepts."""
        return self.max_length is not None and len(value) > self.max_length


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            name="server",
            environment="MYID_SERVER",
            option="--server",
            label="MyID server",
            meaning="the MyID server, such as https://myid.example.com",
            url=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="client_id",
            environment="MYID_CLIENT_ID",
            option="--client-id",
            meaning="the client id registered at MyID",
            max_length=100,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="client_secret",
            environment="MYID_CLIENT_SECRET",
            meaning="the client secret in plain text; empty for a public client",
            secret=True,
            max_length=100,
        ),
        Setting(
            name="redirect_uri",
            environment="MYID_REDIRECT_URI",
            option="--redirect-uri",
            meaning="the redirect URI registered at MyID",
            url=True,
            max_length=MAX_REDIRECT_URI,
        ),
        Setting(
            name="scope",
            environment="MYID_SCOPE",
            option="--scope",
            meaning="the scopes to request",
            default="myid.rest.basic",
            max_length=300,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="ca_bundle",
            environment="MYID_CA_BUNDLE",
            option="--ca-bundle",
            meaning="a PEM file of CA certificates to trust instead of the system's",
            effect=Effect.NOW,
        ),
        Setting(
            name="access_token",
            environment="MYID_ACCESS_TOKEN",
            meaning="an access token to use instead of signing in",
            secret=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="authorize_url",
            environment="MYID_AUTHORIZE_URL",
            meaning="the authorization endpoint, if it is not under the server",
            url=True,
        ),
        Setting(
            name="token_url",
            environment="MYID_TOKEN_URL",
            meaning="the token endpoint, if it is not under the server",
            url=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="api_url",
            environment="MYID_API_URL",
            meaning="the API, if it is not under the server",
            url=True,
            effect=Effect.SIGN_IN,
        ),
        Setting(
            name="issuer",
            environment="MYID_ISSUER",
            meaning="the issuer in MyID's redirects, if it is not {server}/web.oauth2",
            url=True,
        ),
        Setting(
            name="client_authentication",
            environment="MYID_CLIENT_AUTHENTICATION",
            meaning="client_secret_post, client_secret_basic, or none for a public client",
            default="client_secret_post",
        ),
        Setting(
            name="show_rows",
            environment="MYID_SHOW_ROWS",
            option="--show-rows",
            meaning="how many rows of a result to show; 0 keeps people out of saved notebooks",
            default="10",
            number=True,
            effect=Effect.NOW,
        ),
        Setting(
            name="share",
            environment="MYID_SHARE",
            option="--share",
            meaning="which notebooks of this Jupyter server may use your sign-in: notebook (this "
            "one, also after a restart of its kernel), server (all of yours) or off",
            default="notebook",
        ),
        Setting(
            name="checks",
            environment="MYID_CHECKS",
            option="--checks",
            meaning="whether MyID's server, client and redirect URI are checked while the sign-in "
            "link is shown: on or off",
            default="on",
        ),
        Setting(
            name="openapi",
            environment="MYID_OPENAPI",
            meaning="URL or file of MyID's API description, for %myid_api",
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

IDENTITY = ("token_url", "client_id", "scope", "api_url")
"""The fields of ``Settings`` that make two sign-ins alike: those whose effect is ``SIGN_IN``.

Not the server, from which the URLs follow, nor an access token, which is its own sign-in.
"""

SECRET_SETTINGS = frozenset(name for name, setting in SETTINGS.items() if setting.secret)
"""The settings whose values nobody may see."""
