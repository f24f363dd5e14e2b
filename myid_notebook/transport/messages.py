"""Errors for failed token requests."""

from __future__ import annotations

import errno
import ssl
from urllib.parse import urlsplit

import requests

from myid_notebook.errors import CertificateNotTrusted, TokenEndpointError


def translate(error: requests.RequestException, url: str, again: str) -> TokenEndpointError:
    """Return this package's error for an exception of ``requests``.

    Args:
        error: as ``requests`` raised it; its text is not used, for it may echo what was sent.
        url: the token endpoint.
        again: what a person does after a failure, as a sentence.
    """
    host = urlsplit(url).netloc
    distrust = _distrust(error)
    if distrust is not None:
        at_the_proxy = isinstance(error, requests.exceptions.ProxyError)
        return CertificateNotTrusted(f"{_distrusted(distrust, host, at_the_proxy)} {again}")
    if _lacks_files(error):
        return TokenEndpointError(
            f"This kernel has too many files open to connect to {host}. Close what it holds open, "
            f"or restart it. {again}"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return TokenEndpointError(
            f"The proxy on the way to {host} did not pass the token request on. Check HTTPS_PROXY "
            f"and NO_PROXY where this kernel runs. {again}"
        )
    return TokenEndpointError(
        f"{host} {reason_of(error)}. Check the network (VPN?) and MYID_SERVER; the browser "
        f"reaching MyID does not mean that the kernel does. {again}"
    )


def _distrusted(distrust: ssl.SSLCertVerificationError, host: str, at_the_proxy: bool) -> str:  # noqa: FBT001 - one of two certificates
    if at_the_proxy:
        return (
            f"The TLS certificate of the proxy on the way to {host} is not trusted on this machine "
            f"({distrust.verify_message}). Check HTTPS_PROXY where this kernel runs, or ask "
            "whoever runs the proxy for the certificate of its CA (PEM) and add it to the file of "
            "%myid_login --ca-bundle FILE or MYID_CA_BUNDLE."
        )
    return (
        f"The TLS certificate of {host} is not trusted on this machine "
        f"({distrust.verify_message}). {_REMEDIES.get(distrust.verify_code, _UNKNOWN_CA)}"
    )


def unforeseen(error: Exception, again: str) -> TokenEndpointError:
    """Return this package's error for an exception that no library says it raises.

    Args:
        error: whatever it is; its text is not used, for it may echo what was sent.
        again: what a person does after a failure, as a sentence.
    """
    return TokenEndpointError(
        f"The token request failed in a way nobody foresaw ({type(error).__name__}). {again} "
        "If it stays, check MYID_SERVER and HTTPS_PROXY, and please report this."
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
        return f"has a TLS certificate that is not trusted here ({distrust.verify_message})"
    if isinstance(error, requests.exceptions.ConnectionError) and _never_connected(error):
        return "cannot be reached from where this kernel runs"
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return "broke off the connection before it had answered"


_REASONS: dict[type[requests.RequestException], str] = {
    requests.exceptions.SSLError: "does not speak TLS (https to a port that serves http?)",
    requests.exceptions.ProxyError: "cannot be reached through the proxy",
    requests.exceptions.ConnectTimeout: "did not accept a connection in time",
    requests.exceptions.Timeout: "did not answer in time",
}


def _never_connected(error: requests.ConnectionError) -> bool:
    if isinstance(error, requests.exceptions.ProxyError):
        return False
    names = {type(link).__name__ for link in _chain(error)}
    return bool(names & {"NewConnectionError", "NameResolutionError"})


_UNKNOWN_CA = (
    "If your organisation has its own CA, ask your MyID administrator for its certificate (a PEM "
    "file) and give it with %myid_login --ca-bundle FILE or MYID_CA_BUNDLE."
)
_OTHER_NAME = (
    "It is for another name: check MYID_SERVER (and MYID_TOKEN_URL, if set), which must use the "
    "name in the certificate; otherwise notify your MyID administrator."
)
_REMEDIES = {
    9: "Probably the clock of this machine is slow: set it right.",
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
