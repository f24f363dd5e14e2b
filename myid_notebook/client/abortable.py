"""An HTTP adapter whose request can be ended from another thread."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

from myid_notebook.transport import TrustAdapter


class AbortableAdapter(TrustAdapter):
    """Keeps hold of its connections, so that a server that answers slowly cannot keep its caller.

    The timeouts of ``requests`` count from byte to byte: a server that sends one byte a second
    would hold a request for ever. Shutting the socket down ends it at once.

    Args:
        context: from ``trust``.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._sockets: list[socket.socket] = []
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
            connection.connect = self._connect_of(connection)
            return connection

        pool.ConnectionCls = remember
        return pool

    def _connect_of(self, connection: Any) -> Callable[[], None]:  # noqa: ANN401 - urllib3's own
        connect = connection.connect

        def connect_unless_aborted() -> None:
            connect()
            # The socket itself: a connection hands it to an answer that ends with it.
            self._sockets.append(connection.sock)
            if self.aborted:  # while connecting, when there was no socket to shut down
                connection.close()
                raise ConnectionAbortedError

        return connect_unless_aborted

    def abort(self) -> None:
        """End the request under way, from any thread; harmless when there is none."""
        self._aborted.set()
        for sock in list(self._sockets):
            with contextlib.suppress(OSError):
                # The plain socket's own shutdown: TLS would first want to say goodbye.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
