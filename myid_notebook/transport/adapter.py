"""How requests go out from here: over trusted TLS, in silence, to this machine without a proxy."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from myid_notebook.settings.urls import is_loopback
from myid_notebook.transport.quiet import POOLS

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection."""


class TrustAdapter(HTTPAdapter):
    """Sends requests over TLS that trusts what ``trust`` says, whatever the environment says.

    ``REQUESTS_CA_BUNDLE`` would otherwise beat ``Session.verify`` and with it an explicit bundle.
    Certificates are always checked: ``verify=False`` has no effect.

    Args:
        context: from ``trust``.
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
