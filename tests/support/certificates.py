"""Certificates of an authority of the test's own."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


def server_context(ca: trustme.CA, *names: str, days: tuple[int, int] = (-1, 30)) -> ssl.SSLContext:
    """Return the TLS context of a server.

    Args:
        ca: signs its certificate.
        names: host names and addresses; none for those of this machine.
        days: first and last of its certificate, from today.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    first, last = (datetime.now(UTC) + timedelta(days=day) for day in days)
    ca.issue_cert(
        *(names or ("localhost", "127.0.0.1", "::1")), not_before=first, not_after=last
    ).configure_cert(context)
    return context


def bundle_of(ca: trustme.CA, path: Path) -> str:
    """Write an authority's certificate to a file and return its path.

    Args:
        ca: the authority.
        path: where to.
    """
    ca.cert_pem.write_to_path(str(path))
    return str(path)
