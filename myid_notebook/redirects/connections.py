"""The open connections of a listener."""

from __future__ import annotations

import asyncio

MAX_CONNECTIONS = 128
"""Connections at once. More than the system hands over in one go, so that a browser's connection
has said what it wants before it could be the oldest silent one."""

Connection = asyncio.Task[None]


class Connections:
    """Keeps connections few: where they get too many, the oldest that says nothing has to go.

    So nobody can keep a browser out by connecting in great numbers and staying silent.
    """

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._silent: dict[Connection, None] = {}

    def add(self, connection: Connection) -> None:
        """Note a new connection, whose request is still to come.

        Args:
            connection: the task that serves it.
        """
        if len(self._open) >= MAX_CONNECTIONS and self._silent:
            oldest = next(iter(self._silent))
            del self._silent[oldest]
            oldest.cancel()
        self._open.add(connection)
        self._silent[connection] = None

    def heard(self, connection: Connection) -> None:
        """Note that a connection has said what it wants, and is to be answered.

        Args:
            connection: the task that serves it.
        """
        self._silent.pop(connection, None)

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended.

        Args:
            connection: the task that served it.
        """
        self._open.discard(connection)
        self._silent.pop(connection, None)

    async def close(self, grace: float) -> None:
        """Let answers under way finish, and drop every connection.

        Args:
            grace: seconds the answers under way may take.
        """
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=grace)
            for connection in late:
                connection.cancel()
            await asyncio.gather(*late, return_exceptions=True)
