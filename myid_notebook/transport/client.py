"""An HTTP client whose requests end: by size, by timeout, or because another thread aborts."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import requests

from myid_notebook.oauth.token_response import is_redirect
from myid_notebook.secret import Secret
from myid_notebook.transport.adapter import CONNECT_TIMEOUT, TLSAdapter
from myid_notebook.transport.tls import shared_tls_context


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


MAX_ANSWER = 1_000_000
"""Bytes of an answer; token answers and person records are a few thousand."""

_PIECE = 16_384

Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class Answer(NamedTuple):
    """The answer to a request.

    Args:
        status: HTTP status.
        body: the whole body; empty for a redirect, whose body nobody needs.
    """

    status: int
    body: bytes


class AnswerTooLargeError(Exception):
    """The answer is longer than ``MAX_ANSWER``; the rest was not read."""


class HTTPClient:
    """Sends requests to one server, one at a time; another thread may end the one under way.

    Args:
        server: any URL of the server.
        ca_bundle: path of a PEM file to trust instead of the system's store.

    Raises:
        SettingError: the CA bundle holds no certificate.
    """

    def __init__(self, server: str, ca_bundle: str | None) -> None:
        self._adapter = AbortableAdapter(shared_tls_context(ca_bundle, server))

    def send(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
        auth: Auth | None = None,
    ) -> Answer:
        """Send one request and return its answer; a redirect is an answer, and is not followed.

        Args:
            method: HTTP method.
            url: absolute, of that server.
            timeout: seconds to connect, and seconds between bytes.
            headers: beside those of any request.
            form: the body, as form fields.
            auth: authorizes the request; without one, the headers stand as they are (a ``.netrc``
                entry would replace them).

        Raises:
            AnswerTooLargeError: see there.
            requests.RequestException: anything else.
        """
        with _Unredirected() as http:
            http.mount("https://", self._adapter)
            http.mount("http://", self._adapter)
            response = http.request(
                method,
                url,
                data=form,
                headers=headers,
                auth=auth or _as_it_is,
                timeout=(min(CONNECT_TIMEOUT, timeout), timeout),
                allow_redirects=False,
                stream=True,
            )
            with response:
                status = response.status_code
                return Answer(status, b"" if is_redirect(status) else _body(response))

    def abort(self) -> None:
        """End the request under way, from any thread."""
        self._adapter.abort()


class _Unredirected(requests.Session):
    """Looks at no ``Location``.

    Even where redirects are not followed, ``requests`` works out the next request: for that it
    reads the whole body, and fails on a location that is malformed.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return that there is none."""


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    if isinstance(request.body, str):
        request.body = Secret(request.body)  # on its way it may be looked at, as any object
    return request


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > MAX_ANSWER:
            raise AnswerTooLargeError
    return bytes(body)
