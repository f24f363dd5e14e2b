"""Pass a redirect on to the kernel that waits for it."""

from __future__ import annotations

import asyncio
import time

from myid_notebook.callback import rendezvous
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.rendezvous import RELAY_KEY_HEADER, RELAY_PATH, Rendezvous
from myid_notebook.machine.peer import is_held_by_another_user
from myid_notebook.oauth.query import state_of_query

VERDICT_TIMEOUT = 2.0
"""Seconds to wait for the verdict after the end of the sign-in."""

MAX_QUERY = 16_384
"""Characters, well below what a listener reads (``MAX_HEAD``). A code of MyID has 64."""

_HOST = "127.0.0.1"
_MAX_BODY = 65_536

# The port is closed, or another program has taken it since.
_NO_RESPONSE = (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


async def relay(query: str) -> Verdict:
    """Pass the query of a redirect to the kernel that waits for its state; return the verdict."""
    found = _find_listener(query)
    if isinstance(found, Verdict):
        return found
    try:
        left = max(0.0, found.valid_until - time.time())
        async with asyncio.timeout(left + VERDICT_TIMEOUT):
            return Verdict.from_json(await _request(found, f"{RELAY_PATH}?{query}"))
    except _NO_RESPONSE:
        return Verdict(outcome=Outcome.KERNEL_GONE)


def _find_listener(query: str) -> Rendezvous | Verdict:
    if len(query) > MAX_QUERY:
        return Verdict(outcome=Outcome.REFUSED, detail="It is longer than any response from MyID.")
    state = state_of_query(query)
    if state is None or not query.isascii():  # browsers percent-encode
        return Verdict(outcome=Outcome.NO_STATE)
    found = rendezvous.find_by_state(state)
    if found is None:
        return Verdict(outcome=Outcome.UNKNOWN)
    if not found.is_on_this_machine:
        return Verdict(outcome=Outcome.OTHER_MACHINE)
    # A killed kernel leaves its file, and another user may have taken its port since.
    if is_held_by_another_user(_HOST, found.port):
        return Verdict(outcome=Outcome.KERNEL_GONE)
    return found


async def _request(found: Rendezvous, target: str) -> bytes:
    reader, writer = await asyncio.open_connection(_HOST, found.port, limit=_MAX_BODY)
    try:
        head = (
            f"GET {target} HTTP/1.1\r\nHost: {_HOST}:{found.port}\r\n"
            f"{RELAY_KEY_HEADER}: {found.key}\r\n\r\n"
        )
        writer.write(head.encode("ascii"))
        await writer.drain()
        status_line = await reader.readuntil(b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        body = await _read_body(reader)
    finally:
        writer.close()
    if b" 200 " not in status_line:
        raise ValueError("the listener did not take the relay")
    return body


async def _read_body(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while piece := await reader.read(_MAX_BODY):
        body += piece
        if len(body) > _MAX_BODY:
            raise ValueError("longer than anything a listener sends")
    return bytes(body)
