"""Connections that print neither what they send nor what comes back.

``http.client.HTTPConnection.debuglevel = 1``, which many a recipe for debugging sets for the whole
process, prints every byte sent: the client secret and the token too. Method, path and status of
requests stand in urllib3's log, which holds neither. Headers that cannot be read would stand there
too, as a warning, and a status line that cannot be read in the exception; a server may say again in
them what it was sent.
"""

from __future__ import annotations

from http.client import BadStatusLine, HTTPResponse, RemoteDisconnected, UnknownProtocol

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


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
