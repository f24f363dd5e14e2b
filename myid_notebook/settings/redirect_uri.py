"""What a redirect URI must look like (RFC 6749 section 3.1.2, RFC 8252 section 7)."""

from __future__ import annotations

from ipaddress import IPv6Address

from myid_notebook.settings.urls import check_endpoint

MAX_LENGTH = 400  # IdentityServer's limit


def check_redirect_uri(uri: str) -> None:
    """Check a redirect URI before a link is shown.

    Args:
        uri: as registered at MyID, character for character.

    Raises:
        ValueError: what is wrong with it, in words that complete "it …".
    """
    if "*" in uri:
        raise ValueError("holds a wildcard, but MyID compares whole strings")
    if len(uri) > MAX_LENGTH:
        raise ValueError(f"is longer than the {MAX_LENGTH} characters MyID takes")
    parts = check_endpoint(uri)
    if parts.query or "?" in uri:
        raise ValueError("holds a query (?…)")
    _check_ipv6(parts.hostname or "")
    written_host = parts.netloc
    if written_host != written_host.lower():
        raise ValueError(
            "has upper-case letters in its host; browsers send it in lower case, so register and "
            f"set {uri.replace(written_host, written_host.lower(), 1)!r}"
        )


def _check_ipv6(host: str) -> None:
    if ":" in host and host != (short := IPv6Address(host).compressed):
        raise ValueError(f"writes its host at length; browsers send it as [{short}], so use that")
