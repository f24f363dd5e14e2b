"""Ask the kernels of pending sign-ins: pass a redirect on to one, list them all."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, field
from itertools import islice
from math import isfinite
from typing import Self

from myid_notebook.callback import rendezvous
from myid_notebook.callback.outcome import Outcome, Verdict
from myid_notebook.callback.rendezvous import Rendezvous
from myid_notebook.machine.peer import is_held_by_another_user
from myid_notebook.machine.processes import machine_name
from myid_notebook.oauth.query import parse_query

RELAY_PATH = "/relay"
"""Where a listener takes relayed redirects."""

PENDING_PATH = "/pending"
"""Where a listener tells about its pending sign-in."""

RELAY_KEY_HEADER = "x-myid-relay-key"
"""The request header that carries the relay key of the rendezvous file."""

VERDICT_TIMEOUT = 2.0
"""Seconds to wait for the verdict after the sign-in's lifetime has ended."""

PENDING_TIMEOUT = 2.0
"""Seconds to wait for the kernels of all pending sign-ins when they are listed."""

MAX_PENDING = 100
"""Pending sign-ins that are listed at most."""

MAX_QUERY = 16_384
"""Characters, well below what a listener reads (``MAX_HEAD``). A code of MyID has 64."""

_HOST = "127.0.0.1"
_MAX_BODY = 65_536

# The port is closed, or another program has taken it since.
_NO_RESPONSE = (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """Describe a pending sign-in, as a kernel tells it to a program with its relay key.

    Args:
        link: the authorization request, which holds the state; empty once the browser is back.
        seconds_left: until the sign-in times out.
        notebook: the name of the notebook's file; empty if unknown.
        server: host and port of MyID.
    """

    link: str = field(repr=False)
    seconds_left: float
    notebook: str
    server: str

    def to_json(self) -> bytes:
        """Return it as a listener sends it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Return what a listener sent.

        Raises:
            ValueError: the body is anything else than what ``to_json`` returns.
        """
        try:
            members = json.loads(body)
            link = str(members["link"])
            if link and not link.startswith(("https://", "http://")):
                raise ValueError("not a link")
            seconds_left = float(members["seconds_left"])
            if not isfinite(seconds_left):
                raise ValueError("not a time")
            return cls(
                link=link,
                seconds_left=seconds_left,
                notebook=str(members["notebook"]),
                server=str(members["server"]),
            )
        except (KeyError, TypeError, OverflowError, RecursionError):
            raise ValueError("not a pending sign-in") from None


async def ask_pending() -> list[tuple[Rendezvous, PendingSignIn | None]]:
    """Return this user's pending sign-ins with what their kernels say; None if one is silent."""
    found = list(islice(rendezvous.pending(), MAX_PENDING))
    return list(zip(found, await asyncio.gather(*map(_ask, found)), strict=True))


async def _ask(found: Rendezvous) -> PendingSignIn | None:
    if found.host != machine_name() or is_held_by_another_user(_HOST, found.port):
        return None
    try:
        async with asyncio.timeout(PENDING_TIMEOUT):
            return PendingSignIn.from_json(await _request(found, PENDING_PATH))
    except _NO_RESPONSE:
        return None


async def relay(query: str) -> Verdict:
    """Pass the query of a redirect to the kernel that waits for its state; return the verdict."""
    found = _find_listener(query)
    if isinstance(found, Verdict):
        return found
    try:
        async with asyncio.timeout(found.lifetime + VERDICT_TIMEOUT):
            return Verdict.from_json(await _request(found, f"{RELAY_PATH}?{query}"))
    except _NO_RESPONSE:
        return Verdict(outcome=Outcome.KERNEL_GONE)


def state_of_query(query: str) -> str | None:
    """Return the state in the query of a redirect, or None unless there is exactly one."""
    try:
        return parse_query(query).get("state") or None
    except ValueError:
        return None


def _find_listener(query: str) -> Rendezvous | Verdict:
    if len(query) > MAX_QUERY:
        return Verdict(outcome=Outcome.REFUSED, detail="It is longer than any response from MyID.")
    state = state_of_query(query)
    if state is None or not query.isascii():  # browsers percent-encode
        return Verdict(outcome=Outcome.NO_STATE)
    found = rendezvous.find_by_state(state)
    if found is None:
        return Verdict(outcome=Outcome.UNKNOWN)
    if found.host != machine_name():  # the home folder is shared between machines
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
            f"{RELAY_KEY_HEADER}: {found.relay_key}\r\n\r\n"
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
