"""An HTTP adapter whose request can be ended from another thread."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
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
        self._connections: list[Any] = []
        self._aborted = threading.Event()
        super().__init__(context)

    @property
    def aborted(self) -> bool:
        """Whether ``abort`` was called."""
        return self._aborted.is_set()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - requests' own signature
        """Return the pool, which from now on tells this adapter of each connection it opens."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        connect = type(pool).ConnectionCls

        def remember(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - urllib3's own signature
            connection = connect(*args, **kwargs)
            self._connections.append(connection)
            return connection

        pool.ConnectionCls = remember
        return pool

    def abort(self) -> None:
        """End the request under way, from any thread; harmless when there is none."""
        self._aborted.set()
        for connection in list(self._connections):
            sock = getattr(connection, "sock", None)
            if sock is not None:
                with contextlib.suppress(OSError):
                    # The plain socket's own shutdown: TLS would first want to say goodbye.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
