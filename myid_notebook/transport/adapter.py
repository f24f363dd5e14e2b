"""An HTTP adapter that always verifies TLS, prints nothing, and uses no proxy for loopback."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
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


class AbortableAdapter(TLSAdapter):
    """Keeps hold of its connections, so that a server that answers slowly cannot keep its caller.

    The timeouts of ``requests`` count from byte to byte: a server that sends one byte a second
    would hold a request for ever. Shutting the socket down ends it at once, also while a proxy or
    TLS is still being talked to.

    Args:
        context: from ``tls_context``.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._handles: list[socket.socket] = []
        self._holding = threading.Lock()
        self._aborted = threading.Event()
        super().__init__(context)

    @property
    def aborted(self) -> bool:
        """Whether ``abort`` was called."""
        return self._aborted.is_set()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - requests' own signature
        """Return the pool, which from now on tells this adapter of each connection it opens."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        make = type(pool).ConnectionCls

        def remember(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - urllib3's own signature
            connection = make(*args, **kwargs)
            connection._new_conn = self._within_reach(connection._new_conn)  # noqa: SLF001 - nothing public tells of a socket before TLS
            return connection

        pool.ConnectionCls = remember
        return pool

    def _within_reach(
        self, open_socket: Callable[[], socket.socket]
    ) -> Callable[[], socket.socket]:
        def open_unless_aborted() -> socket.socket:
            sock = open_socket()
            with contextlib.ExitStack() as stack:
                stack.callback(sock.close)
                # A handle of our own: TLS takes the socket's away, and another TLS may wrap that.
                handle = sock.dup()
                with self._holding:
                    self._handles.append(handle)
                if self.aborted:  # while connecting, when there was no socket to shut down
                    raise ConnectionAbortedError
                stack.pop_all()
            return sock

        return open_unless_aborted

    def abort(self) -> None:
        """End the request under way, from any thread; harmless when there is none."""
        self._aborted.set()
        with self._holding:
            for handle in self._handles:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connections, and with them the handles that reach them."""
        super().close()
        with self._holding:
            while self._handles:
                self._handles.pop().close()
