"""Closing a listener ends every connection that it accepted."""

import asyncio
import contextlib
import gc
import socket

import pytest

from myid_notebook.callback.http_server import HTTPServer, Request

CROWD = 100
"""Connections at once."""


@pytest.mark.parametrize("steps", range(6))
def test_closing_while_connections_come(steps: int) -> None:
    """Whenever it is closed, none that was accepted stays open: each client sees its end."""

    async def handler(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
        return b""

    async def main() -> list[bytes]:
        sock = socket.create_server(("127.0.0.1", 0), backlog=CROWD)
        server = HTTPServer()
        await server.serve(sock, handler)
        clients = [socket.create_connection(sock.getsockname(), timeout=10) for _ in range(CROWD)]
        for _ in range(steps):
            await asyncio.sleep(0)
        await server.close(grace=0.01)
        return [_end(client) for client in clients]

    assert {b""} == set(asyncio.run(main()))
    gc.collect()  # a transport that was left open warns here


def test_closing_ends_what_runs_as_a_connection() -> None:
    """After the grace, however it ends; what has ended before does not count."""

    async def fails() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError("the connection is broken")

    async def main() -> list[bool]:
        server = HTTPServer()
        await server.run_as_connection(lambda: asyncio.sleep(0))
        late = [asyncio.create_task(server.run_as_connection(fails)) for _ in range(2)]
        await asyncio.sleep(0)
        await server.close(grace=0.01)
        return [isinstance(task.exception(), OSError) for task in late]

    assert [True, True] == asyncio.run(main())


def _end(client: socket.socket) -> bytes:
    with client, contextlib.suppress(ConnectionError):
        return client.recv(1)
    return b""
