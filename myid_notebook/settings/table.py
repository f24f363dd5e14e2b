"""The table of settings: one row for each."""

from __future__ import annotations

from typing import NamedTuple


class SettingSource(NamedTuple):
    """Where one setting may be given.

    Args:
        name: keyword argument of ``login()`` and trait of ``MyIDMagics``.
        environment: the environment variable.
        option: the option of ``%myid_login``; None where there is none, as for the secret.
        meaning: one line for people.
        default: the value when nothing sets it.
    """

    name: str
    environment: str
    option: str | None
    meaning: str
    default: str | None = None

    @property
    def places(self) -> str:
        """Every place it can be set, for an error message."""
        option = f"%myid_login {self.option} …, " if self.option else ""
        return (
            f"{option}the environment variable {self.environment}, or "
            f"c.MyIDMagics.{self.name} in ipython_config.py"
        )


SETTINGS: dict[str, SettingSource] = {
    source.name: source
    for source in (
        SettingSource(
            name="server",
            environment="MYID_SERVER",
            option="--server",
            meaning="the MyID server, such as https://myid.example.com",
        ),
        SettingSource(
            name="client_id",
            environment="MYID_CLIENT_ID",
            option="--client-id",
            meaning="the client id registered at MyID",
        ),
        SettingSource(
            name="client_secret",
            environment="MYID_CLIENT_SECRET",
            option=None,
            meaning="the client secret in plain text; empty for a public client",
        ),
        SettingSource(
            name="redirect_uri",
            environment="MYID_REDIRECT_URI",
            option="--redirect-uri",
            meaning="the redirect URI registered at MyID",
        ),
        SettingSource(
            name="scope",
            environment="MYID_SCOPE",
            option="--scope",
            meaning="the scopes to request",
            default="myid.rest.basic",
        ),
        SettingSource(
            name="ca_bundle",
            environment="MYID_CA_BUNDLE",
            option="--ca-bundle",
            meaning="a PEM file of CA certificates to trust instead of the system's",
        ),
        SettingSource(
            name="access_token",
            environment="MYID_ACCESS_TOKEN",
            option=None,
            meaning="an access token to use instead of signing in",
        ),
        SettingSource(
            name="authorize_url",
            environment="MYID_AUTHORIZE_URL",
            option=None,
            meaning="the authorization endpoint, if it is not under the server",
        ),
        SettingSource(
            name="token_url",
            environment="MYID_TOKEN_URL",
            option=None,
            meaning="the token endpoint, if it is not under the server",
        ),
        SettingSource(
            name="api_url",
            environment="MYID_API_URL",
            option=None,
            meaning="the API, if it is not under the server",
        ),
        SettingSource(
            name="issuer",
            environment="MYID_ISSUER",
            option=None,
            meaning="the issuer in MyID's redirects, if it is not {server}/web.oauth2",
        ),
        SettingSource(
            name="client_authentication",
            environment="MYID_CLIENT_AUTHENTICATION",
            option=None,
            meaning="client_secret_post, client_secret_basic, or none for a public client",
            default="client_secret_post",
        ),
    )
}

SECRET_SETTINGS = frozenset({"client_secret", "access_token"})
"""The settings whose values nobody may see."""
