"""Lines of JSON between two processes of one user, who both know the key of an address file.

The listener proves that it has the key before it is told anything: another program may have taken
the port of a process that has ended. Each line is one object; no browser can speak so.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import socket
import time
from collections.abc import Mapping
from typing import Any

from myid_notebook.machine.private_files import Address

MAX_LINE = 65_536
"""Bytes of a line; tokens of MyID have some 1,500."""

HOST = "127.0.0.1"
"""Where the listener listens."""

_PROTOCOL = 2
"""To be changed with what the lines say: a listener of another version cannot prove itself."""


class Connection:
    """A connection to a listener that has proved itself.

    Args:
        address: where it listens.
        timeout: seconds until it must have proved itself.

    Raises:
        TimeoutError: it has not.
        OSError, ValueError, RecursionError: nobody listens there, or another program does.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._socket = socket.create_connection((HOST, address.port), timeout)
        try:
            self._check(address, timeout)
        except BaseException:
            self.close()
            raise

    def _check(self, address: Address, timeout: float) -> None:
        nonce = secrets.token_urlsafe(32)
        proof = str(self.ask({"nonce": nonce}, timeout).get("proof")).encode(errors="replace")
        if not hmac.compare_digest(proof, proof_of(address.key, nonce, address.port).encode()):
            raise ConnectionError("another program")

    def ask(self, words: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """Send a line and return the line that comes back.

        Args:
            timeout: seconds for both.

        Raises:
            OSError, ValueError, RecursionError: none comes.
        """
        deadline = time.monotonic() + timeout
        self._socket.settimeout(timeout)
        self._socket.sendall(json.dumps(words).encode() + b"\n")
        received = bytearray()
        while not received.endswith(b"\n"):
            if len(received) > MAX_LINE:
                raise ValueError("too long for a line")
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self._socket.recv(MAX_LINE)
            if not piece:
                raise ConnectionError("no whole line")
            received += piece
        response = json.loads(received)
        return response if isinstance(response, dict) else {}

    def close(self) -> None:
        """End the connection, also where a forked process has it, too."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def proof_of(key: str, nonce: str, port: int) -> str:
    """Return what a listener sends back to show that it has the key.

    Args:
        nonce: of the other side, which has not been used before.
        port: where it listens; another program cannot pass the proof on from its own port.
    """
    message = f"proof {_PROTOCOL} {port} {nonce}"
    return hmac.new(key.encode(), message.encode(), "sha256").hexdigest()


async def read_line(reader: asyncio.StreamReader, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109 - as for a connection
    """Return the next line that the other side sends.

    Raises:
        OSError, EOFError, asyncio.LimitOverrunError: none comes in time, or it is too long.
        ValueError, TypeError, RecursionError: it is no object.
    """
    async with asyncio.timeout(timeout):
        words = json.loads(await reader.readuntil(b"\n"))
    return {**words}


async def write_line(writer: asyncio.StreamWriter, words: Mapping[str, Any]) -> None:
    """Send a line.

    Raises:
        OSError: the other side has gone.
    """
    writer.write(json.dumps(words).encode() + b"\n")
    await writer.drain()
