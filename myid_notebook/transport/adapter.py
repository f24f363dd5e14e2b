"""An HTTP adapter that always verifies TLS, prints nothing, and uses no proxy for loopback."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import cache, lru_cache
from http.client import BadStatusLine, HTTPResponse, RemoteDisconnected, UnknownProtocol
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.poolmanager import PoolManager

from myid_notebook.settings.urls import is_loopback


class _Silence:
    """A debug level that stays 0, so that ``HTTPConnection.debuglevel = 1`` prints no secrets."""

    def __get__(self, connection: object, owner: type | None = None) -> int:
        return 0

    def __set__(self, connection: object, level: int) -> None:
        pass


class _QuietResponse(HTTPResponse):
    """A response that drops malformed status lines and headers: servers may repeat secrets there.

    urllib3 logs malformed headers, and the exception about a status line would show it.
    """

    def begin(self) -> None:
        malformed = False
        try:
            super().begin()
        except RemoteDisconnected:  # the server sent nothing
            raise
        except (BadStatusLine, UnknownProtocol):
            malformed = True
        if malformed:  # raised here, where the exception with the line is not its context
            raise BadStatusLine("no line of HTTP")
        self.msg.set_payload("")
        self.msg.defects = []


def _genuine(connection: type) -> type:
    # vcrpy replaces the class by one that writes requests, with their secrets, to a file.
    bases = connection.__mro__
    return next((each for each in bases if each.__module__.startswith("urllib3.")), connection)


@cache
def _quiet(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    """Return a subclass of a pool whose connections show nothing of what they send or get."""
    secretive = {"debuglevel": _Silence(), "response_class": _QuietResponse}
    make = _genuine(pool.ConnectionCls)
    if getattr(pool.ConnectionCls, "response_class", None) is _QuietResponse:
        return pool
    connection = type(f"_Quiet{make.__name__}", (make,), secretive)
    return type(f"_Quiet{pool.__name__}", (pool,), {"ConnectionCls": connection})


def _quieten(manager: PoolManager) -> None:
    # What the manager had, because those of a SOCKS proxy open their connections differently.
    pools: dict[str, Any] = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _quiet(pool) for scheme, pool in pools.items()}


MAX_CONNECTIONS = 64
"""Connections to one host that stay open: as many as ``myid.fetch`` may use at once."""

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection."""

_PROXY_SCHEMES = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"}

_PROXY_VARIABLES = tuple(
    spelling
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method")
    for spelling in (name, name.upper())
)

_MAX_AGE = 5.0
"""Seconds after which the system's settings are asked again (macOS, Windows)."""


def environment_proxies(url: str, no_proxy: str | None = None) -> dict[str, str]:
    """Return the proxies of the environment by scheme, as ``requests`` finds them.

    ``requests`` looks through all variables for each request, which takes a quarter of its time. A
    variable that changes counts from the next request on; within ``_MAX_AGE``, if its name mixes
    capitals and small letters.

    Args:
        url: absolute.
        no_proxy: used instead of the environment's ``NO_PROXY``.
    """
    place = urlsplit(url).netloc.rpartition("@")[2]
    variables = tuple(map(os.environ.get, _PROXY_VARIABLES))
    return dict(_proxies(place, no_proxy, variables, int(time.monotonic() / _MAX_AGE)))


@lru_cache(maxsize=64)
def _proxies(
    place: str, no_proxy: str | None, _variables: tuple[str | None, ...], _period: int
) -> dict[str, str]:
    return dict(get_environ_proxies(f"http://{place}", no_proxy))


class UnsupportedProxy(requests.exceptions.InvalidSchema):
    """The kind of the proxy is unknown, or needs a package that is missing; says which."""


class TLSAdapter(HTTPAdapter):
    """Use a given TLS context, whatever the environment or ``verify`` says.

    Otherwise ``REQUESTS_CA_BUNDLE`` would override an explicit CA bundle, and ``verify=False``
    would switch the verification off.

    Args:
        context: returns the context; called for each request with https.
    """

    def __init__(self, context: Callable[[], ssl.SSLContext]) -> None:
        self._context = context
        super().__init__(pool_maxsize=MAX_CONNECTIONS)

    @classmethod
    def like(cls, adapter: HTTPAdapter, context: Callable[[], ssl.SSLContext]) -> Self:
        """Return an adapter with the retries and pool sizes of another, and without connections.

        Args:
            adapter: a plain one; not changed.
        """
        made = cls(context)
        made.__setstate__(adapter.__getstate__())
        return made

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give the pools quiet connections."""
        super().init_poolmanager(*args, **kwargs)
        _quieten(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Give the pools behind a proxy the same; verify the proxy's own certificate too.

        Raises:
            UnsupportedProxy: no proxy of this kind can be used here.
        """
        scheme = proxy.partition(":")[0].lower()
        if scheme not in _PROXY_SCHEMES:
            raise UnsupportedProxy(
                "The URL of the proxy must begin with http, https, socks4, socks4a, socks5 or "
                "socks5h."
            )
        if scheme == "https":
            context = self._context()
            kwargs["proxy_ssl_context"] = context
            made = self.proxy_manager.get(proxy)
            if made is not None and made.proxy_config.ssl_context is not context:
                self.proxy_manager.pop(proxy, None)
        manager: Any = None
        with contextlib.suppress(requests.exceptions.InvalidSchema):  # PySocks is missing
            manager = super().proxy_manager_for(proxy, **kwargs)
        if manager is None:
            raise UnsupportedProxy(
                "A SOCKS proxy needs the package PySocks. Install it (pip install PySocks) and "
                "restart the kernel."
            )
        _quieten(manager)  # each time: another thread may have made it just now
        return manager

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override] # requests' own names, passed on as they are
        """Send a request, to loopback addresses without a proxy.

        A proxy would send it to its own machine, and ``NO_PROXY`` often lacks 127.0.0.1 and ::1.
        """
        if is_loopback(urlsplit(request.url or "").hostname):
            kwargs["proxies"] = {}
        return super().send(request, **kwargs)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002 - never obeyed
        cert: Any = None,
    ) -> Any:
        """Choose the pool of this adapter's TLS context, regardless of ``verify``."""
        host, options = super().build_connection_pool_key_attributes(request, True, cert)
        if host["scheme"] == "https":
            options["ssl_context"] = self._context()
        return host, options

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - never obeyed
        """Leave verification to the context; add a client certificate, if any."""
        super().cert_verify(conn, url, False, cert)
        conn.cert_reqs = "CERT_REQUIRED"


class AbortableAdapter(TLSAdapter):
    """Let another thread abort the request in progress.

    The timeouts of ``requests`` apply between bytes, so a server that sends one byte a second could
    hold a request forever. Shutting the socket down ends the request at once, even during the
    handshake with a proxy or of TLS.
    """

    def __init__(self, context: Callable[[], ssl.SSLContext]) -> None:
        self._handles: list[socket.socket] = []
        self._holding = threading.Lock()
        self._aborted = threading.Event()
        super().__init__(context)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pool; register each socket that it opens from now on."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        make = type(pool).ConnectionCls

        def open_registered(connection: Any) -> socket.socket:
            opened: socket.socket = make._new_conn(connection)  # noqa: SLF001 - no public hook gets the socket before TLS
            try:
                # Duplicated: TLS takes over the socket, and the TLS of a proxy may wrap that again.
                handle = opened.dup()
                with self._holding:
                    self._handles.append(handle)
                if self._aborted.is_set():  # while there was no socket to shut down yet
                    raise ConnectionAbortedError
            except OSError:
                opened.close()
                raise
            return opened

        # A class, because others (vcrpy) ask whether connections are instances of it.
        pool.ConnectionCls = type(make.__name__, (make,), {"_new_conn": open_registered})
        return pool

    def abort(self) -> None:
        """End the request in progress, from any thread; later requests fail."""
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
