"""Check the URLs of settings: https, or http to this machine only."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

_AUTHORITY = re.compile(
    r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::[0-9]*)?"
)
"""With underscores, which names in Windows networks have; without the zone of an IPv6 address,
which browsers refuse."""

_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
"""The characters of a URL (RFC 3986 section 2)."""

_MAX_LABEL, _MAX_HOST = 63, 253
"""Characters of each part of a host name, and of the whole (RFC 1035 section 2.3.4)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_loopback(host: str | None) -> bool:
    """Return whether a host is this machine (RFC 8252 section 7.3).

    Args:
        host: as ``urlsplit(...).hostname`` gives it.
    """
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL, with the default port if it has none (RFC 6454).

    Raises:
        ValueError: it is not an absolute http(s) URL, or has an invalid port.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if not parts.hostname or scheme not in _DEFAULT_PORTS:
        raise ValueError("not an absolute http(s) URL")
    # A fully qualified name may end in a dot; it is the same host.
    host = parts.hostname.lower().rstrip(".")
    return scheme, host, parts.port or _DEFAULT_PORTS[scheme]


def host_and_port(url: str) -> str:
    """Return the host of an absolute http(s) URL, with the port if it is not the default one."""
    scheme, host, port = origin(url)
    shown = f"[{host}]" if ":" in host else host
    return shown if port == _DEFAULT_PORTS[scheme] else f"{shown}:{port}"


def normalize_url(url: str) -> str:
    """Return an absolute http(s) URL with its scheme and host in lower case and no default port.

    That is how IdentityServer names itself.

    Raises:
        ValueError: it is not an absolute http(s) URL, or has an invalid port.
    """
    scheme, _, _ = origin(url)
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme=scheme, netloc=host_and_port(url)))


def check_characters(url: str) -> None:
    """Check that a URL has only characters that URLs may have.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    if not _CHARACTERS.fullmatch(url):
        raise ValueError("contains a space or a character that URLs cannot contain")


def check_endpoint(url: str) -> SplitResult:
    """Check that secrets may be sent to a URL, and return its parts.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    check_characters(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("has an invalid host or port") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port == 0:
        raise ValueError("is not an absolute URL such as https://myid.example.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("contains a user name or password")
    if parts.fragment or url.endswith("#"):
        raise ValueError("contains a fragment (#…)")
    if set("[]") & set(parts.path + parts.query):
        raise ValueError("contains a space or a character that URLs cannot contain")
    if not _is_authority(parts.netloc.lower()):
        raise ValueError("has characters in its host name that host names cannot contain")
    if not _has_labels(parts.hostname):
        raise ValueError(
            f"has an invalid host name: each part between the dots must have 1 to {_MAX_LABEL} "
            f"characters, and the whole name at most {_MAX_HOST}"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must use https (http is allowed for this machine only)")
    return parts


def _is_authority(netloc: str) -> bool:
    # Not only the host: urlsplit calls ::1 the host of http://evil.example[::1]/.
    found = _AUTHORITY.fullmatch(netloc)
    try:
        return found is not None and bool(IPv6Address(found["ipv6"] or "::"))
    except ValueError:
        return False


def _has_labels(host: str) -> bool:
    labels = host.split(".")
    return len(host) <= _MAX_HOST and all(0 < len(label) <= _MAX_LABEL for label in labels)
