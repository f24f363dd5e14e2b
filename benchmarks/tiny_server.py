"""A server that costs next to nothing: keeps connections open, and responds to all alike.

It drops who asks MyID's API without a token, so that no contender measures something else.

Run as a program it prints its port and ends with its standard input. Arguments: seconds before each
response, and the body, in which ``{server}`` stands for the address.
"""

import asyncio
import re
import sys

_OF_API = re.compile(rb"[A-Z]+ \S*/rest\.core/")
_TOKEN = re.compile(rb"(?i)\nauthorization: *bearer \S")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Alike(asyncio.Protocol):
    """Responds to every request once it is complete.

    Args:
        response: to every request.
        delay: seconds before it.
    """

    def __init__(self, response: bytes, delay: float) -> None:
        self._response = response
        self._delay = delay
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to respond."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond to the requests that end here."""
        self._received += data
        while True:
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            size = int(length[1]) if length else 0
            if len(rest) < size:
                return
            self._received = rest[size:]
            if _OF_API.match(head) and not _TOKEN.search(head):
                self._transport.abort()
                return
            if self._delay:
                loop = asyncio.get_running_loop()
                loop.call_later(self._delay, self._transport.write, self._response)
            else:
                self._transport.write(self._response)


async def main() -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    delay, body = float(sys.argv[1]), sys.argv[2].encode()
    response = b""
    server = await loop.create_server(lambda: Alike(response, delay), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    body = body.replace(b"{server}", b"http://127.0.0.1:%d" % port)
    response = _HEAD % len(body) + body
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
