"""Ask a server again and again over connections that stay open.

Prints the seconds of each response as JSON. Arguments: seconds, connections, an address, and an
``Authorization`` header.
"""

import asyncio
import json
import re
import sys
import time
from urllib.parse import urlsplit


async def ask(url: str, header: str, end: float, took: list[float]) -> None:
    """Send one request after the other until the time is over, but at least one."""
    target = urlsplit(url)
    path = f"{target.path}?{target.query}" if target.query else target.path
    head = f"GET {path} HTTP/1.1\r\nHost: {target.netloc}\r\nAuthorization: {header}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    started = 0.0
    while not started or time.perf_counter() < end:
        started = time.perf_counter()
        writer.write(head.encode())
        received = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\ncontent-length: *(\d+)", received)
        if length:
            await reader.readexactly(int(length[1]))
        took.append(time.perf_counter() - started)
    writer.close()


async def main() -> None:
    """Ask with all connections at once."""
    seconds, connections, url, header = sys.argv[1:]
    took: list[float] = []
    end = time.perf_counter() + float(seconds)
    await asyncio.gather(*(ask(url, header, end, took) for _ in range(int(connections))))
    print(json.dumps(took))


if __name__ == "__main__":
    asyncio.run(main())
