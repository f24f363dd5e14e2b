"""Check the URLs of settings: https, or http to this machine only.

A redirect URI has more rules (RFC 6749 section 3.1.2, RFC 8252 section 7).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

_AUTHORITY = re.compile(
    r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]"
    r"|(?!-)(?=[^:]{1,253}(?::|$))(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}(?<!-))(?::[0-9]*)?"
)
"""With underscores, which names in Windows networks have; without the zone of an IPv6 address,
which browsers refuse."""

_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
"""The characters of a URL (RFC 3986 section 2)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

MAX_REDIRECT_URI = 400
"""The most characters of a redirect URI that IdentityServer accepts."""

_DOT = re.compile(r"\.|%2e", re.IGNORECASE)

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def is_loopback(host: str | None) -> bool:
    """Return whether a host, without brackets, is this machine (RFC 8252 section 7.3)."""
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


def check_characters(url: str) -> str:
    """Check that a URL has only characters that URLs may have, and return it.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    if not _CHARACTERS.fullmatch(url):
        raise ValueError("contains a space or a character that URLs cannot contain")
    return url


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
        raise ValueError("has an invalid host name")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must use https (http is allowed for this machine only)")
    return parts


def parse_endpoint(url: str) -> str:
    """Return a URL that secrets may be sent to, normalized, because URLs are compared as text.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    check_endpoint(url)
    return normalize_url(url)


def parse_base_url(url: str) -> str:
    """Return a URL that paths are appended to, normalized and without a slash at its end.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    if check_endpoint(url).query or "?" in url:
        raise ValueError("contains a query (?…)")
    return normalize_url(url).rstrip("/")


def _is_authority(netloc: str) -> bool:
    # Not only the host: urlsplit calls ::1 the host of http://evil.example[::1]/.
    found = _AUTHORITY.fullmatch(netloc)
    try:
        return found is not None and bool(IPv6Address(found["ipv6"] or "::"))
    except ValueError:
        return False


def check_redirect_uri(uri: str) -> str:
    """Check a redirect URI before a link is shown, and return it.

    MyID compares it character by character, and browsers request it in a spelling of their own: a
    URI in any other spelling never arrives.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    if "*" in uri:
        raise ValueError("contains a wildcard, but MyID compares redirect URIs exactly")
    if len(uri) > MAX_REDIRECT_URI:
        raise ValueError(f"is longer than the {MAX_REDIRECT_URI} characters MyID accepts")
    parts = check_endpoint(uri)
    if parts.query or "?" in uri:
        raise ValueError("contains a query (?…)")
    in_browsers = _url_in_browsers(parts)
    if uri != in_browsers:
        raise ValueError(
            f"is not spelt as browsers request it, so register and set {in_browsers!r}"
        )
    return uri


def _url_in_browsers(parts: SplitResult) -> str:
    host = _host_in_browsers(parts.hostname or "")
    port = "" if parts.port is None else f":{parts.port}"
    netloc = f"[{host}]{port}" if ":" in host else host + port
    return urlunsplit((parts.scheme, netloc, _remove_dot_segments(parts.path), "", ""))


def _host_in_browsers(host: str) -> str:
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
        raise ValueError(
            "has a numeric host that is not an IPv4 address; use four numbers, or a host name"
        ) from None


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
