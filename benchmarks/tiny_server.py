"""A server that costs next to nothing: keeps connections open, answers every request alike.

Run as a program it prints its port and ends with its standard input. Arguments: seconds before each
answer (0), and a file with the body.
"""

import asyncio
import sys
from pathlib import Path

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
_BODY = Path(sys.argv[2]).read_bytes() if len(sys.argv) > 2 else b'{"results": []}'  # noqa: PLR2004 - the second argument
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
) + _BODY


class Alike(asyncio.Protocol):
    """Answers once for each empty line; requests here have no bodies."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer the requests that end here."""
        answers = _ANSWER * data.count(b"\r\n\r\n")
        if DELAY:
            asyncio.get_running_loop().call_later(DELAY, self._transport.write, answers)
        else:
            self._transport.write(answers)


async def main() -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Alike, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
