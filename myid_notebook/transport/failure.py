"""Errors for failed token requests."""

from __future__ import annotations

import errno
import ssl
from urllib.parse import urlsplit

import requests

from myid_notebook.errors import CertificateNotTrusted, TokenEndpointError
from myid_notebook.transport.adapter import UnsupportedProxy
from myid_notebook.transport.tls import missing_bundle


def translate(error: requests.RequestException, url: str, again: str) -> TokenEndpointError:
    """Return this package's error for an exception of ``requests``.

    Args:
        error: its text is used only if it is this package's own, because others may repeat what
            was sent.
        again: what to do next, as a sentence.
    """
    host = urlsplit(url).netloc
    distrust = _distrust(error)
    if distrust is not None:
        at_the_proxy = isinstance(error, requests.exceptions.ProxyError)
        return CertificateNotTrusted(f"{_distrusted(distrust, host, at_the_proxy)} {again}")
    if _lacks_files(error):
        return TokenEndpointError(
            f"The kernel has too many open files to connect to {host}. Close open files and "
            f"connections, or restart the kernel. {again}"
        )
    if isinstance(error, UnsupportedProxy):
        return TokenEndpointError(
            f"The proxy for {host} cannot be used here. {error} Check HTTPS_PROXY and ALL_PROXY "
            f"where this kernel runs. {again}"
        )
    if _is_of_the_proxy(error):
        return TokenEndpointError(
            f"The proxy for {host} did not forward the token request. Check HTTPS_PROXY and "
            f"NO_PROXY where this kernel runs. {again}"
        )
    return TokenEndpointError(
        f"{host} {reason_of(error)}. Check the network (VPN?) and MYID_SERVER: the kernel must "
        f"reach MyID too, not only your browser. {again}"
    )


def _distrusted(distrust: ssl.SSLCertVerificationError, host: str, at_the_proxy: bool) -> str:  # noqa: FBT001 - one of two certificates
    if at_the_proxy:
        return (
            f"The TLS certificate of the proxy for {host} is not trusted on this machine "
            f"({distrust.verify_message}). Check HTTPS_PROXY where this kernel runs, or ask the "
            "proxy's administrator for its CA certificate (PEM) and add it to the file that "
            "%myid_login --ca-bundle or MYID_CA_BUNDLE names."
        )
    remedy = _REMEDIES.get(distrust.verify_code) or f"{missing_bundle()} {_UNKNOWN_CA}".lstrip()
    return (
        f"The TLS certificate of {host} is not trusted on this machine "
        f"({distrust.verify_message}). {remedy}"
    )


def unforeseen(error: Exception, again: str) -> TokenEndpointError:
    """Return this package's error for an exception that no library says it raises.

    Args:
        error: whatever it is; its text is not used, for it may echo what was sent.
        again: what to do next, as a sentence.
    """
    return TokenEndpointError(
        f"The token request failed unexpectedly ({type(error).__name__}). {again} If the problem "
        "persists, check MYID_SERVER and HTTPS_PROXY, and please report it."
    )


def reason_of(error: requests.RequestException) -> str:
    """Return what happened, in words that complete "the server …".

    Args:
        error: as ``requests`` raised it.
    """
    distrust = _distrust(error)
    if distrust is not None and isinstance(error, requests.exceptions.ProxyError):
        return (
            "cannot be reached through the proxy, whose TLS certificate is not trusted here "
            f"({distrust.verify_message})"
        )
    if distrust is not None:
        cause = f"{distrust.verify_message}. {missing_bundle()}".rstrip(". ")
        return f"has a TLS certificate that is not trusted here ({cause})"
    if _is_of_the_proxy(error):
        which = f" ({str(error).removesuffix('.')})" if isinstance(error, UnsupportedProxy) else ""
        return f"cannot be reached through the proxy{which}"
    if isinstance(error, requests.exceptions.ConnectionError) and _never_connected(error):
        return "cannot be reached from where this kernel runs"
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return "closed the connection without a response"


def tls_remedy(error: requests.RequestException) -> str:
    """Return what to do about a server's certificate that is not trusted; empty for other errors.

    Args:
        error: as ``requests`` raised it.
    """
    distrust = _distrust(error)
    if distrust is None or isinstance(error, requests.exceptions.ProxyError):
        return ""
    return _REMEDIES.get(distrust.verify_code, _UNKNOWN_CA)


def is_lasting(error: requests.RequestException) -> bool:
    """Return whether the same request would certainly fail the same way a moment later.

    Not a slow response or a dropped connection, which a busy server may cause, and nothing for
    which this process is to blame.

    Args:
        error: as ``requests`` raised it.
    """
    if _lacks_files(error) or any(isinstance(link, ssl.SSLEOFError) for link in _chain(error)):
        return False
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ConnectTimeout):
        return True
    if _is_of_the_proxy(error):
        return True
    return isinstance(error, requests.exceptions.ConnectionError) and _never_connected(error)


_REASONS: dict[type[requests.RequestException], str] = {
    requests.exceptions.SSLError: "does not use TLS (is this the port for http?)",
    requests.exceptions.ConnectTimeout: "did not accept a connection in time",
    requests.exceptions.Timeout: "did not respond in time",
}


def _is_of_the_proxy(error: requests.RequestException) -> bool:
    # PySocks, which need not be installed, has errors of its own in the chain.
    return isinstance(error, requests.exceptions.ProxyError | UnsupportedProxy) or any(
        type(link).__module__ == "socks" for link in _chain(error)
    )


def _never_connected(error: requests.ConnectionError) -> bool:
    names = {type(link).__name__ for link in _chain(error)}
    return bool(names & {"NewConnectionError", "NameResolutionError"})


_UNKNOWN_CA = (
    "If your organisation has its own CA, ask your MyID administrator for the CA certificate (a "
    "PEM file), then use %myid_login --ca-bundle FILE or set MYID_CA_BUNDLE."
)
_OTHER_NAME = (
    "It was issued for another host name. MYID_SERVER (and MYID_TOKEN_URL, if set) must use the "
    "name in the certificate; if it does, notify your MyID administrator."
)
_REMEDIES = {
    9: "The clock of this machine is probably slow. Correct it.",
    10: "Your MyID administrator must renew it, unless the clock of this machine is fast.",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""What to do, by the codes of OpenSSL (``X509_V_ERR_CERT_NOT_YET_VALID`` and so on)."""


def _distrust(error: requests.RequestException) -> ssl.SSLCertVerificationError | None:
    links = (link for link in _chain(error) if isinstance(link, ssl.SSLCertVerificationError))
    return next(links, None)


def _lacks_files(error: requests.RequestException) -> bool:
    codes = {link.errno for link in _chain(error) if isinstance(link, OSError)}
    return bool(codes & {errno.EMFILE, errno.ENFILE})


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        link = queue.pop()
        if isinstance(link, BaseException) and link not in links:
            links.append(link)
            queue += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
    return links
