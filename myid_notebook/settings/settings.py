"""The checked settings of one sign-in."""

from __future__ import annotations

from dataclasses import dataclass, field

from myid_notebook.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything one sign-in needs to know, checked.

    Args:
        authorize_url: the authorization endpoint.
        token_url: the token endpoint.
        api_url: the API base, ending in a slash.
        issuer: the issuer expected in redirects; None where it is not known.
        client_id: as registered at MyID.
        client_secret: None for a public client.
        client_authentication: ``client_secret_post``, ``client_secret_basic`` or ``none``.
        redirect_uri: as registered at MyID; None for the default of the place the kernel runs in.
        scope: space-separated scopes.
        ca_bundle: path of a PEM file to trust instead of the system's store; None for the store.
        access_token: a token from elsewhere that makes a sign-in unnecessary; None without one.
        sources: setting name to the place its value came from, in words.
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
    sources: dict[str, str] = field(repr=False, compare=False)
