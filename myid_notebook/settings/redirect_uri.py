"""Check a redirect URI (RFC 6749 section 3.1.2, RFC 8252 section 7)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from myid_notebook.settings.table import SETTINGS
from myid_notebook.settings.urls import check_endpoint

_DOT = re.compile(r"\.|%2e", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def check_redirect_uri(uri: str) -> None:
    """Check a redirect URI before a link is shown.

    MyID compares it character by character, and browsers request it in a spelling of their own: a
    URI in any other spelling never arrives.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    setting = SETTINGS["redirect_uri"]
    if "*" in uri:
        raise ValueError("contains a wildcard, but MyID compares redirect URIs exactly")
    if setting.is_too_long(uri):
        raise ValueError(f"is longer than the {setting.max_length} characters MyID accepts")
    parts = check_endpoint(uri)
    if parts.query or "?" in uri:
        raise ValueError("contains a query (?…)")
    _check_spelling(uri, parts)


def _check_spelling(uri: str, parts: SplitResult) -> None:
    host, port = parts.netloc, parts.netloc.rpartition(":")[2]
    short = _host_in_browsers(parts.hostname or "")
    otherwise = f"so register and set {_normalize_url(uri)!r}"
    if short is None:
        raise ValueError(
            "has a numeric host that is not an IPv4 address; use four numbers, or a host name"
        )
    if short != (parts.hostname or ""):
        raise ValueError(f"has a host that browsers shorten to {short}, {otherwise}")
    if host != host.lower():
        raise ValueError(
            f"has upper-case letters in its host; browsers send them in lower case, {otherwise}"
        )
    if host.endswith(":"):
        raise ValueError(f"has a colon without a port; browsers remove it, {otherwise}")
    if parts.port is not None and port != str(parts.port):
        raise ValueError(f"has a port with leading zeros; browsers remove them, {otherwise}")
    if _remove_dot_segments(parts.path) != parts.path:
        raise ValueError(f"has . or .. in its path; browsers resolve them, {otherwise}")


def _normalize_url(url: str) -> str:
    """Return an http(s) URL with a valid host and port as browsers request it."""
    parts = urlsplit(url)
    host = _host_in_browsers(parts.hostname or "") or parts.hostname or ""
    port = "" if parts.port is None else f":{parts.port}"
    netloc = f"[{host}]{port}" if ":" in host else host + port
    return urlunsplit((parts.scheme, netloc, _remove_dot_segments(parts.path), "", ""))


def _host_in_browsers(host: str) -> str | None:
    """Return a host as browsers send it; None for numbers that are not an IPv4 address.

    Args:
        host: as ``urlsplit(...).hostname`` gives it.
    """
    if ":" in host:
        address = IPv6Address(host)
        mapped = address.ipv4_mapped
        if mapped is None:
            return address.compressed
        # Python 3.13 writes the last part of these as IPv4, browsers do not.
        return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"
    if not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return host
    try:
        return str(IPv4Address(host))
    except ValueError:
        return None


def _remove_dot_segments(path: str) -> str:
    """Return a path as browsers shorten it (RFC 3986 section 5.2.4), also where a dot is %2e."""
    kept: list[str] = []
    step = ""
    for segment in path.split("/")[1:]:
        step = _DOT.sub(".", segment)
        if step == "..":
            kept = kept[:-1]
        elif step != ".":
            kept.append(segment)
    if step in {".", ".."}:
        kept.append("")
    return "".join(f"/{segment}" for segment in kept)
