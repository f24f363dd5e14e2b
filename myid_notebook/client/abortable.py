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
    would hold a request for ever. Shutting the socket down ends it at once, also while a proxy or
    TLS is still being talked to.

    Args:
        context: from ``trust``.
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
