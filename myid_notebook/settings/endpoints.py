"""Derive MyID's URLs from the server, unless they are set (MyID Core API guide 4.3)."""

from __future__ import annotations

from collections.abc import Mapping

from myid_notebook.settings.messages import check_setting, malformed, missing
from myid_notebook.settings.urls import check_characters, check_endpoint, normalize_url

_PATHS = {
    "authorize_url": "/web.oauth2/connect/authorize",
    "token_url": "/web.oauth2/connect/token",
    "api_url": "/rest.core/api/",
}
_ISSUER_PATH, _AUTHORIZE_TAIL = "/web.oauth2", "/connect/authorize"


def endpoint_url(values: Mapping[str, str | None], name: str) -> str:
    """Return the URL of one service, normalized, because URLs are compared as text.

    Args:
        values: from ``given_values``.
        name: ``authorize_url``, ``token_url`` or ``api_url``.

    Raises:
        SettingError: neither the URL nor the server is set, or it is malformed.
    """
    value = values[name]
    if value is None:
        server = values["server"]
        if server is None:
            raise missing("server")
        return _base_url("server", server) + _PATHS[name]
    if name == "api_url":
        return _base_url(name, value) + "/"
    check_setting(name, value, check_endpoint)
    return normalize_url(value)


def issuer_url(values: Mapping[str, str | None]) -> str | None:
    """Return the issuer that a redirect must name, if it names one (RFC 9207).

    Args:
        values: from ``given_values``; the URLs are checked before.

    Raises:
        SettingError: it is malformed.
    """
    value = values["issuer"]
    if value is not None:
        check_setting("issuer", value, check_characters)
        return value
    authorize_url = values["authorize_url"]
    if authorize_url is None:
        server = values["server"]
        return None if server is None else (_base_url("server", server) + _ISSUER_PATH).lower()
    # IdentityServer writes all of its issuer in lower case, and IIS ignores the case of paths.
    issuer, tail, rest = normalize_url(authorize_url).lower().rpartition(_AUTHORIZE_TAIL)
    return issuer if tail and not rest else None


def _base_url(name: str, value: str) -> str:
    parts = check_setting(name, value, check_endpoint)
    if parts.query or "?" in value:  # paths are appended to it
        raise malformed(name, value, "contains a query (?…)")
    return normalize_url(value).rstrip("/")
