"""How browsers write a URL before they go there (WHATWG URL, sections 3.5 and 4.4)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit, urlunsplit

_DOT = re.compile(r"\.|%2e", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def as_browsers_write(url: str) -> str:
    """Return the URL as it would be requested: host, port and path in their only spelling.

    Args:
        url: http(s), with a host and a port that are some.
    """
    parts = urlsplit(url)
    host = host_in_short(parts.hostname or "") or parts.hostname or ""
    port = "" if parts.port is None else f":{parts.port}"
    netloc = f"[{host}]{port}" if ":" in host else host + port
    path = _followed(parts.path) if has_dot_segments(parts.path) else parts.path
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


def _followed(path: str) -> str:
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
