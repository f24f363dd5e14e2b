"""Where MyID's services sit: under one server, unless told otherwise (MyID Core API guide 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urlunsplit

from myid_notebook.settings.messages import malformed, missing
from myid_notebook.settings.urls import check_characters, check_endpoint

_PATHS = {
    "authorize_url": "/web.oauth2/connect/authorize",
    "token_url": "/web.oauth2/connect/token",
    "api_url": "/rest.core/api/",
}
_ISSUER_PATH, _AUTHORIZE_TAIL = "/web.oauth2", "/connect/authorize"


def endpoint(values: Mapping[str, str | None], name: str) -> str:
    """Return the URL of one service.

    Args:
        values: the settings as given.
        name: ``authorize_url``, ``token_url`` or ``api_url``.

    Raises:
        SettingError: neither the URL nor the server is set, or it is malformed.
    """
    value = values[name]
    if value is not None:
        parts = _check(name, value)
        if name == "api_url" and (parts.query or "?" in value):
            raise malformed(name, value, "contains a query (?…)")
        return value
    server = values["server"]
    if server is None:
        raise missing("server")
    return _base(server) + _PATHS[name]


def issuer(values: Mapping[str, str | None]) -> str | None:
    """Return the issuer that a redirect must name, if it names one (RFC 9207).

    Args:
        values: the settings as given, the URLs among them checked.

    Raises:
        SettingError: it is malformed.
    """
    value = values["issuer"]
    if value is not None:
        try:
            check_characters(value)
        except ValueError as fault:
            raise malformed("issuer", value, str(fault)) from None
        return value
    authorize_url = values["authorize_url"]
    if authorize_url is not None:
        tail = authorize_url.endswith(_AUTHORIZE_TAIL)
        return authorize_url.removesuffix(_AUTHORIZE_TAIL) if tail else None
    server = values["server"]
    return None if server is None else _base(server) + _ISSUER_PATH


def _base(server: str) -> str:
    parts = _check("server", server)
    if parts.query or "?" in server:
        raise malformed("server", server, "contains a query (?…)")
    # Written as IdentityServer names itself: lower-case host, no default port, no final slash.
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def _check(name: str, value: str) -> SplitResult:
    try:
        return check_endpoint(value)
    except ValueError as fault:
        raise malformed(name, value, str(fault)) from None
