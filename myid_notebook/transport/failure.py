"""Why a request got no response, and what to do about it."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import requests

from myid_notebook.errors import SettingError
from myid_notebook.settings.resolve import NOT_SET, Settings
from myid_notebook.settings.table import SETTINGS
from myid_notebook.transport.adapter import UnsupportedProxy
from myid_notebook.transport.client import ResponseTooLargeError
from myid_notebook.transport.tls import missing_bundle
from myid_notebook.untrusted_text import outside_text


class FailureKind(StrEnum):
    """The kinds of failed requests; each value completes "the server …"."""

    DISTRUSTED = "has a TLS certificate that is not trusted here"
    PROXY_DISTRUSTED = (
        "cannot be reached through the proxy, whose TLS certificate is not trusted here"
    )
    PROXY_UNSUPPORTED = "cannot be reached through a proxy that cannot be used here"
    PROXY = "cannot be reached through the proxy"
    TOO_MANY_FILES = "cannot be reached: this kernel has too many open files"
    NOT_CONNECTED = "cannot be reached from where this kernel runs"
    NOT_TLS = "does not use TLS (is this the port for http?)"
    CONNECT_TIMEOUT = "did not accept a connection in time"
    TIMEOUT = "did not respond in time"
    BROKEN = "closed the connection without a response"
    ENDLESS_REDIRECTS = "redirects in a circle, or without an end"
    WRONG_ENCODING = "sent a response that is not encoded as it says (Content-Encoding)"
    TOO_LARGE = "sent more than a megabyte"
    CA_BUNDLE = "was sent no request, because the CA bundle cannot be used"
    UNFORESEEN = "could not be sent a request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a request got no response.

    Args:
        reason: what happened, as a sentence without a full stop that begins with the host.
        remedy: what to do, in sentences.
        lasting: whether the same request would certainly fail the same way a moment later. Not a
            slow response or a dropped connection, which a busy server may cause, and nothing for
            which this process is to blame.
    """

    kind: FailureKind
    reason: str
    remedy: str
    lasting: bool = False


def failure_of(error: Exception, url: str, setting: str = "MYID_SERVER") -> Failure:
    """Return what an exception means that was raised instead of a response.

    Args:
        error: its text is used only if it is this package's own, because others may repeat what
            was sent.
        url: where the request went, if the exception does not tell.
        setting: the environment variable of the setting that the URL comes from.
    """
    request = getattr(error, "request", None)  # of the last one, if redirects were followed
    place = urlsplit(str(getattr(request, "url", None) or url))
    # Where a redirect led, it comes from outside.
    host = outside_text(place.netloc.rpartition("@")[2]) or "MyID"
    chain = [*chain_of(error)]
    kind = _kind(error, chain)
    detail = _detail(kind, error, chain)
    return Failure(
        kind=kind,
        reason=f"{host} {kind}{f' ({detail})' if detail else ''}",
        remedy=_remedy(kind, error, chain, setting),
        lasting=kind in _LASTING and not any(isinstance(link, ssl.SSLEOFError) for link in chain),
    )


def variable_of_url(settings: Settings, name: str) -> str:
    """Return the environment variable that a URL of the settings comes from.

    Args:
        name: of the setting, such as ``"token_url"``.
    """
    derived = settings.sources[name] == NOT_SET
    return SETTINGS["server" if derived else name].environment


def _kind(error: Exception, chain: list[BaseException]) -> FailureKind:
    at_the_proxy = isinstance(error, requests.exceptions.ProxyError)
    if _distrust(chain) is not None:
        return FailureKind.PROXY_DISTRUSTED if at_the_proxy else FailureKind.DISTRUSTED
    if any(isinstance(link, OSError) and link.errno in _NO_FILES for link in chain):
        return FailureKind.TOO_MANY_FILES
    # PySocks, which need not be installed, has errors of its own in the chain.
    if at_the_proxy or any(type(link).__module__ == "socks" for link in chain):
        return FailureKind.PROXY
    if isinstance(error, requests.exceptions.ConnectionError) and any(
        type(link).__name__ in _NEVER_CONNECTED for link in chain
    ):
        return FailureKind.NOT_CONNECTED
    kinds = (kind for classes, kind in _KINDS.items() if isinstance(error, classes))
    return next(kinds, FailureKind.UNFORESEEN)


_NO_FILES = {errno.EMFILE, errno.ENFILE}
_NEVER_CONNECTED = {"NewConnectionError", "NameResolutionError"}
_KINDS: dict[type[Exception], FailureKind] = {
    SettingError: FailureKind.CA_BUNDLE,
    ResponseTooLargeError: FailureKind.TOO_LARGE,
    UnsupportedProxy: FailureKind.PROXY_UNSUPPORTED,
    requests.exceptions.SSLError: FailureKind.NOT_TLS,
    requests.exceptions.ConnectTimeout: FailureKind.CONNECT_TIMEOUT,
    requests.exceptions.Timeout: FailureKind.TIMEOUT,
    requests.exceptions.ConnectionError: FailureKind.BROKEN,
    requests.exceptions.ChunkedEncodingError: FailureKind.BROKEN,
    requests.exceptions.ContentDecodingError: FailureKind.WRONG_ENCODING,
    requests.exceptions.TooManyRedirects: FailureKind.ENDLESS_REDIRECTS,
}
"""The first class that fits counts: some are subclasses of later ones."""

_LASTING = {
    FailureKind.DISTRUSTED,
    FailureKind.PROXY_DISTRUSTED,
    FailureKind.PROXY_UNSUPPORTED,
    FailureKind.PROXY,
    FailureKind.NOT_CONNECTED,
    FailureKind.NOT_TLS,
    FailureKind.CONNECT_TIMEOUT,
}


def _detail(kind: FailureKind, error: Exception, chain: list[BaseException]) -> str:
    distrust = _distrust(chain)
    if distrust is not None:
        return distrust.verify_message
    if kind is FailureKind.PROXY_UNSUPPORTED:
        return str(error).removesuffix(".")
    return type(error).__name__ if kind is FailureKind.UNFORESEEN else ""


def _remedy(kind: FailureKind, error: Exception, chain: list[BaseException], setting: str) -> str:
    distrust = _distrust(chain)
    if distrust is not None and kind is FailureKind.DISTRUSTED:
        known = _CERTIFICATE_REMEDIES.get(distrust.verify_code)
        return known or f"{missing_bundle()} {_UNKNOWN_CA}".lstrip()
    if kind is FailureKind.CA_BUNDLE:
        return str(error)
    return _REMEDIES.get(kind, _CHECK_NETWORK).format(setting=setting)


_CHECK_NETWORK = (
    "Check {setting} and the network (VPN, proxy): this kernel must reach MyID too, not only your "
    "browser."
)
_REMEDIES = {
    FailureKind.PROXY_DISTRUSTED: (
        "Check HTTPS_PROXY where this kernel runs, or ask the proxy's administrator for its CA "
        "certificate (PEM) and add it to the file that the setting ca_bundle (MYID_CA_BUNDLE) "
        "names."
    ),
    FailureKind.PROXY_UNSUPPORTED: "Check HTTPS_PROXY and ALL_PROXY where this kernel runs.",
    FailureKind.PROXY: "Check HTTPS_PROXY and NO_PROXY where this kernel runs.",
    FailureKind.TOO_MANY_FILES: "Close open files and connections, or restart the kernel.",
    FailureKind.NOT_TLS: "Check {setting}.",
    FailureKind.TOO_LARGE: "It is probably not MyID's server. Check {setting}.",
    FailureKind.ENDLESS_REDIRECTS: (
        "Check {setting}, and whether a proxy or load balancer responded in MyID's place. Show "
        "this to your MyID administrator."
    ),
    FailureKind.WRONG_ENCODING: (
        "A proxy between this kernel and MyID probably changed it. Check HTTPS_PROXY, and show "
        "this to your MyID administrator."
    ),
    FailureKind.UNFORESEEN: (
        "Check {setting} and HTTPS_PROXY. If the problem persists, please report it."
    ),
}

_UNKNOWN_CA = (
    "If your organisation has its own CA, ask your MyID administrator for the CA certificate (a "
    "PEM file), then give its path in the setting ca_bundle (MYID_CA_BUNDLE)."
)
_OTHER_NAME = (
    "It was issued for another host name. MYID_SERVER (and MYID_TOKEN_URL, if set) must use the "
    "name in the certificate; if it does, notify your MyID administrator."
)
_CERTIFICATE_REMEDIES = {
    9: "The clock of this machine is probably slow. Correct it.",
    10: "Your MyID administrator must renew it, unless the clock of this machine is fast.",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""By the codes of OpenSSL (``X509_V_ERR_CERT_NOT_YET_VALID`` and so on)."""


def _distrust(chain: list[BaseException]) -> ssl.SSLCertVerificationError | None:
    links = (link for link in chain if isinstance(link, ssl.SSLCertVerificationError))
    return next(links, None)


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it, which urllib3 also keeps in arguments."""
    links: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        link = queue.pop()
        if isinstance(link, BaseException) and link not in links:
            links.append(link)
            queue += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
            yield link
