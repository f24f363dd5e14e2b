"""Handing a redirect on to the listener that waits for it."""

from __future__ import annotations

import asyncio

from myid_notebook.callback import rendezvous
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.machine.peer import is_held_by_another_user
from myid_notebook.machine.processes import machine_name
from myid_notebook.oauth.query import parse_query

PATH = "/relay"
"""Where listeners take relayed redirects."""

KEY_HEADER = "x-myid-relay-key"
"""The header that carries the relay key."""

GRACE = 2.0
"""Seconds beyond a sign-in's lifetime to wait for its verdict."""

MAX_QUERY = 16_384
"""Characters; a listener takes no longer ones. A code of MyID has 64."""

_HOST = "127.0.0.1"
_MAX_VERDICT = 65_536

_NOT_A_LISTENER = (
    OSError,
    ValueError,
    TimeoutError,
    asyncio.IncompleteReadError,
    asyncio.LimitOverrunError,
)
"""What comes of a port that is closed, or that another program has taken meanwhile."""


def state_of(query: str) -> str | None:
    """Return the state of a redirect, or None where there is not exactly one.

    Args:
        query: the query string of the redirect.
    """
    try:
        return parse_query(query).get("state") or None
    except ValueError:
        return None


async def relay(query: str) -> Verdict:
    """Pass a redirect on to the kernel that waits for it, and return that kernel's verdict.

    Keeps nothing and knows nothing: whose the state is stands in the rendezvous file.

    Args:
        query: the query string of the redirect, as it came.
    """
    found = _whose(query)
    if isinstance(found, Verdict):
        return found
    try:
        async with asyncio.timeout(found.lifetime + GRACE):
            return await _ask(found, query)
    except _NOT_A_LISTENER:
        return Verdict(outcome=Outcome.KERNEL_GONE)


def _whose(query: str) -> Rendezvous | Verdict:
    if len(query) > MAX_QUERY:
        return Verdict(outcome=Outcome.REFUSED, detail="It is longer than any response from MyID.")
    state = state_of(query)
    if state is None or not query.isascii():  # browsers percent-encode
        return Verdict(outcome=Outcome.NO_STATE)
    found = rendezvous.find(state)
    if found is None:
        return Verdict(outcome=Outcome.UNKNOWN)
    if found.host != machine_name():
        return Verdict(outcome=Outcome.OTHER_MACHINE)
    # The kernel was killed, and they were quicker to take its port.
    gone = is_held_by_another_user(_HOST, found.port)
    return Verdict(outcome=Outcome.KERNEL_GONE) if gone else found


async def _ask(found: Rendezvous, query: str) -> Verdict:
    reader, writer = await asyncio.open_connection(_HOST, found.port, limit=_MAX_VERDICT)
    try:
        head = (
            f"GET {PATH}?{query} HTTP/1.1\r\nHost: {_HOST}:{found.port}\r\n"
            f"{KEY_HEADER}: {found.relay_key}\r\n\r\n"
        )
        writer.write(head.encode("ascii"))
        await writer.drain()
        status_line = await reader.readuntil(b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        body = await _rest(reader)
    finally:
        writer.close()
    if b" 200 " not in status_line:
        raise ValueError("the listener did not take the relay")
    return Verdict.from_json(body)


async def _rest(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while piece := await reader.read(_MAX_VERDICT):
        body += piece
        if len(body) > _MAX_VERDICT:
            raise ValueError("longer than a verdict")
    return bytes(body)
