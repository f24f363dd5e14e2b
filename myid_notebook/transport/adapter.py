"""An HTTP adapter that always verifies TLS, prints nothing, and uses no proxy for loopback."""

from __future__ import annotations

import ssl
from http.client import BadStatusLine, HTTPResponse, RemoteDisconnected, UnknownProtocol
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from myid_notebook.settings.urls import is_loopback


class _Silence:
    """A debug level that stays 0."""

    def __get__(self, connection: object, owner: type | None = None) -> int:
        return 0

    def __set__(self, connection: object, level: int) -> None:
        pass


class _QuietResponse(HTTPResponse):
    """An answer that does not keep what could not be read as a status line or a header."""

    def begin(self) -> None:
        if not self._has_begun():
            raise BadStatusLine("no line of HTTP")
        self.msg.set_payload("")
        self.msg.defects = []

    def _has_begun(self) -> bool:
        try:
            super().begin()
        except RemoteDisconnected:  # nothing came at all
            raise
        except (BadStatusLine, UnknownProtocol):
            return False
        return True


class _QuietHTTPConnection(HTTPConnection):
    debuglevel = _Silence()
    response_class = _QuietResponse


class _QuietHTTPSConnection(HTTPSConnection):
    debuglevel = _Silence()
    response_class = _QuietResponse


class _QuietHTTPPool(HTTPConnectionPool):
    ConnectionCls = _QuietHTTPConnection


class _QuietHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _QuietHTTPSConnection


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _QuietHTTPPool, "https": _QuietHTTPSPool}
"""The pools of such connections, by scheme, as urllib3 wants to know them."""


CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection."""


class TLSAdapter(HTTPAdapter):
    """Sends requests over TLS that trusts what ``tls_context`` says, whatever the environment says.

    ``REQUESTS_CA_BUNDLE`` would otherwise beat ``Session.verify`` and with it an explicit bundle.
    Certificates are always checked: ``verify=False`` has no effect.

    Args:
        context: from ``tls_context``.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - requests' own signature
        """Give the pools this adapter's TLS context, and connections that print nothing."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 - requests' own signature
        """Give the pools behind a proxy the same; a proxy's own certificate is checked alike."""
        if proxy.lower().startswith("https:"):
            kwargs["proxy_ssl_context"] = self._context
        proxies: Any = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        proxies.pool_classes_by_scheme = POOLS
        return proxies

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override] # noqa: ANN401 - requests' own names, passed on as they are
        """Send a request; to this machine itself never through a proxy, which would be another's.

        A proxy in the environment is for the way out. ``NO_PROXY`` often names neither 127.0.0.1
        nor ::1.
        """
        if is_loopback(urlsplit(request.url or "").hostname):
            kwargs["proxies"] = {}
        return super().send(request, **kwargs)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ANN401, ARG002 - requests' own signature; never obeyed
        cert: Any = None,  # noqa: ANN401 - the same
    ) -> Any:  # noqa: ANN401 - the same
        """Choose the pool as if ``verify`` were never given."""
        return super().build_connection_pool_key_attributes(request, True, cert)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401, ARG002 - the same
        """Leave the trusted certificates to the context; add a client certificate, if any."""
        super().cert_verify(conn, url, False, cert)
        conn.cert_reqs = "CERT_REQUIRED"
