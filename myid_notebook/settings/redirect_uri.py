"""What a redirect URI must look like (RFC 6749 section 3.1.2, RFC 8252 section 7)."""

from __future__ import annotations

from urllib.parse import SplitResult

from myid_notebook.settings.browser_spelling import (
    as_browsers_write,
    has_dot_segments,
    host_in_short,
)
from myid_notebook.settings.urls import check_endpoint

MAX_LENGTH = 400  # IdentityServer's limit


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
        raise ValueError("holds a wildcard, but MyID compares whole strings")
    if len(uri) > MAX_LENGTH:
        raise ValueError(f"is longer than the {MAX_LENGTH} characters MyID takes")
    parts = check_endpoint(uri)
    if parts.query or "?" in uri:
        raise ValueError("holds a query (?…)")
    _check_spelling(uri, parts)


def _check_spelling(uri: str, parts: SplitResult) -> None:
    host, port = parts.netloc, parts.netloc.rpartition(":")[2]
    short = host_in_short(parts.hostname or "")
    otherwise = f"so register and set {as_browsers_write(uri)!r}"
    if short is None:
        raise ValueError("has a host of numbers that is no address of four; write that, or a name")
    if short != (parts.hostname or ""):
        raise ValueError(f"writes its host at length; browsers send it as {short}, {otherwise}")
    if host != host.lower():
        raise ValueError(
            f"has upper-case letters in its host; browsers send it in lower case, {otherwise}"
        )
    if host.endswith(":"):
        raise ValueError(f"has a colon without a port; browsers leave it out, {otherwise}")
    if parts.port is not None and port != str(parts.port):
        raise ValueError(f"has zeros before its port; browsers leave them out, {otherwise}")
    if has_dot_segments(parts.path):
        raise ValueError(f"has . or .. in its path; browsers follow them at once, {otherwise}")
