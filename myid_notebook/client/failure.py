"""What a failed HTTP request to the token endpoint means, in words for people."""

from __future__ import annotations

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
    if isinstance(error, requests.exceptions.SSLError):
        return CertificateNotTrusted(
            f"The TLS certificate of {host} is not trusted on this machine ({_tls_reason(error)}). "
            "If your organisation has its own CA, ask your MyID administrator for its certificate "
            "(a PEM file) and give it with %myid_login --ca-bundle FILE or MYID_CA_BUNDLE. "
            f"{again}"
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


def reason_of(error: requests.RequestException) -> str:
    """Return what happened, in words that complete "the server …".

    Args:
        error: as ``requests`` raised it.
    """
    if isinstance(error, requests.exceptions.SSLError):
        return f"has a TLS certificate that is not trusted here ({_tls_reason(error)})"
    if isinstance(error, requests.exceptions.ProxyError):
        return "cannot be reached through the proxy"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "did not accept a connection in time"
    if isinstance(error, requests.exceptions.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.exceptions.ConnectionError) and _never_connected(error):
        return "cannot be reached from where this kernel runs"
    return "broke off the connection before it had answered"


def _never_connected(error: requests.ConnectionError) -> bool:
    names = {type(link).__name__ for link in _chain(error)}
    return bool(names & {"NewConnectionError", "NameResolutionError"})


def _tls_reason(error: requests.exceptions.SSLError) -> str:
    for link in _chain(error):
        reason = getattr(link, "verify_message", "")
        if reason:
            return str(reason)
    return "TLS handshake failed"


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        link = queue.pop()
        if isinstance(link, BaseException) and link not in links:
            links.append(link)
            queue += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
    return links
