"""The limit of connections drops the oldest idle one, and no other."""

import asyncio
import socket

import pytest

from myid_notebook.callback import http_server
from myid_notebook.callback.http_server import HTTPServer, Request


def test_request_under_way_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many connections come, it is answered; of the silent ones the oldest is dropped."""
    monkeypatch.setattr(http_server, "MAX_CONNECTIONS", 2)

    async def main() -> None:
        arrived, may_answer = asyncio.Event(), asyncio.Event()

        async def handler(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
            arrived.set()
            await may_answer.wait()
            return b"answer"

        sock = socket.create_server(("127.0.0.1", 0))
        server = HTTPServer()
        await server.serve(sock, handler)
        _, ended = await asyncio.open_connection(*sock.getsockname())
        ended.close()  # it does not count any more
        browser, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await arrived.wait()
        silent = [await asyncio.open_connection(*sock.getsockname()) for _ in range(3)]
        assert [b"", b""] == [await reader.read() for reader, _ in silent[:2]]
        may_answer.set()
        assert b"answer" == await browser.read()
        assert not silent[2][0].at_eof()
        await server.close(grace=0)
        assert b"" == await silent[2][0].read()
        for each in (writer, *(other for _, other in silent)):
            each.close()

    asyncio.run(asyncio.wait_for(main(), 20))
