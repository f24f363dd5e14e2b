"""Check a redirect URI (RFC 6749 section 3.1.2, RFC 8252 section 7)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from myid_notebook.settings.table import SETTINGS
from myid_notebook.settings.urls import check_endpoint

_DOT = re.compile(r"\.|%2e", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def normalize_url(url: str) -> str:
    """Return the URL as it would be requested: host, port and path in their only spelling.

    Args:
        url: http(s), with a host and a port that are some.
    """
    parts = urlsplit(url)
    host = host_in_short(parts.hostname or "") or parts.hostname or ""
    port = "" if parts.port is None else f":{parts.port}"
    netloc = f"[{host}]{port}" if ":" in host else host + port
    path = _remove_dot_segments(parts.path) if has_dot_segments(parts.path) else parts.path
    return urlunsplit((parts.scheme, netloc, path, "", ""))


def host_in_short(host: str) -> str | None:
    """Return a host as browsers send it; None for numbers that are no IPv4 address as written.

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


def has_dot_segments(path: str) -> bool:
    """Return whether browsers shorten a path (RFC 3986 section 5.2.4), however it is written.

    Args:
        path: with its percent-encoding.
    """
    return any(_DOT.sub(".", segment) in {".", ".."} for segment in path.split("/"))


def _remove_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        step = _DOT.sub(".", segment)
        if step == "..":
            kept = kept[:-1]
        elif step != ".":
            kept.append(segment)
    if _DOT.sub(".", segments[-1]) in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def check_redirect_uri(uri: str) -> None:
    """Check a redirect URI before a link is shown.

    MyID compares it as it is written, and browsers go where they rewrite it to: what they would
    write otherwise never arrives.

    Args:
        uri: as registered at MyID, character for character.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    if "*" in uri:
        raise ValueError("contains a wildcard, but MyID compares redirect URIs exactly")
    setting = SETTINGS["redirect_uri"]
    if setting.is_too_long(uri):
        raise ValueError(f"is longer than the {setting.max_length} characters MyID accepts")
    parts = check_endpoint(uri)
    if parts.query or "?" in uri:
        raise ValueError("contains a query (?…)")
    _check_spelling(uri, parts)


def _check_spelling(uri: str, parts: SplitResult) -> None:
    host, port = parts.netloc, parts.netloc.rpartition(":")[2]
    short = host_in_short(parts.hostname or "")
    otherwise = f"so register and set {normalize_url(uri)!r}"
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
    if has_dot_segments(parts.path):
        raise ValueError(f"has . or .. in its path; browsers resolve them, {otherwise}")
