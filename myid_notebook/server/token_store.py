"""Keep the tokens of this server's kernels in memory, until they expire or are forgotten.

A restarted kernel, or another notebook of the same user, then needs no new sign-in. The store
listens on 127.0.0.1 and speaks one line of JSON each way, so that no browser can talk to it. Who
talks to it must know the key in a file that only this user can read (``token_store/address.py``).
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import Any

from myid_notebook.machine.peer import is_from_another_user
from myid_notebook.secret import Secret
from myid_notebook.token_store.address import (
    MATCH_MEMBERS,
    MAX_LINE,
    digest,
    remove_files_of_ended_servers,
    stamp,
    write_address,
)

MAX_ENTRIES = 100
"""Tokens in a store; the oldest is dropped for a new one."""

LINE_TIMEOUT = 5.0
"""Seconds a kernel may take to send its line."""

_HOST = "127.0.0.1"
_YEAR_3000 = 32_503_680_000.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    match: tuple[str, ...]  # the values of MATCH_MEMBERS
    notebook: str
    access_token: Secret = field(repr=False)
    expires_at: float
    subject: str | None
    operator: str | None


class TokenStore:
    """The tokens, in memory.

    Args:
        across_notebooks: whether a notebook may get the token of another one.
        clock: seconds since 1970 UTC.

    Attributes:
        lost_until: until when the last sign-in of an earlier server, which has ended, would have
            been valid, in seconds since 1970 UTC.
        on_change: called after every change; True says that a token was forgotten.
    """

    def __init__(
        self, *, across_notebooks: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        self.lost_until = 0.0
        self.on_change: Callable[[bool], object] = lambda _forgotten: None
        self._across_notebooks = across_notebooks
        self._clock = clock
        self._entries: OrderedDict[tuple[str, ...], _Entry] = OrderedDict()
        self._withdrawn: OrderedDict[str, tuple[float, str]] = OrderedDict()

    @property
    def valid_until(self) -> float:
        """Until when the last token is valid, in seconds since 1970 UTC; 0 without any."""
        return max((each.expires_at for each in self._entries.values()), default=0.0)

    def respond(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to the request of a kernel.

        Args:
            request: as ``token_store/client.py`` makes it, with the key removed.

        Raises:
            KeyError, TypeError, ValueError: it is malformed.
        """
        self._drop_expired()
        action = request["do"]
        if action == "keep":
            return self._keep(request)
        if action == "find":
            return self._find(request)
        if action == "forget":
            return self._forget(str(request["digest"]), str(request["why"]))
        if action == "withdrawn":
            return {"why": self._withdrawn.get(str(request["digest"]), (0.0, ""))[1]}
        raise ValueError("unknown action")

    def _keep(self, request: Mapping[str, Any]) -> dict[str, Any]:
        token = request["token"]
        entry = _Entry(
            match=_match(request),
            notebook=_text(request["notebook"]),
            access_token=Secret(_text(token["access_token"])),
            expires_at=float(token["expires_at"]),
            subject=_text_or_none(token["subject"]),
            operator=_text_or_none(request["operator"]),
        )
        if not self._clock() < entry.expires_at < _YEAR_3000:  # NaN, too, would never be dropped
            raise ValueError("not a time to come")
        key = (entry.notebook, *entry.match)
        self._entries.pop(key, None)
        self._entries[key] = entry
        while len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)
        self.on_change(False)
        return {"kept": True}

    def _find(self, request: Mapping[str, Any]) -> dict[str, Any]:
        match, notebook = _match(request), _text(request["notebook"])
        entry = self._entries.get((notebook, *match))
        if entry is None and request["anywhere"] is True and self._across_notebooks:
            # The newest: somebody may have signed in again since.
            entries = reversed(self._entries.values())
            entry = next((each for each in entries if each.match == match), None)
        if entry is None:
            return {"server_restarted": True} if self._clock() < self.lost_until else {}
        return {
            "token": {
                "access_token": str(entry.access_token),
                "expires_at": entry.expires_at,
                "subject": entry.subject,
            },
            "operator": entry.operator,
            "same_notebook": entry.notebook == notebook,
        }

    def _forget(self, forgotten: str, why: str) -> dict[str, Any]:
        found = [
            key for key, each in self._entries.items() if digest(each.access_token) == forgotten
        ]
        until = max((self._entries[key].expires_at for key in found), default=0.0)
        for key in found:
            del self._entries[key]
        if found:
            # Other kernels may hold it, and are told when they next use it.
            self._withdrawn[forgotten] = (until, why)
            self.on_change(True)
        return {"forgotten": len(found)}

    def _drop_expired(self) -> None:
        now = self._clock()
        for key in [key for key, each in self._entries.items() if each.expires_at <= now]:
            del self._entries[key]
        for gone in [gone for gone, (until, _) in self._withdrawn.items() if until <= now]:
            del self._withdrawn[gone]


def _match(request: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_text(request["match"][name]) for name in MATCH_MEMBERS)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


async def serve(store: TokenStore) -> Path:
    """Start serving a store in the running event loop; return the path of its address file.

    Raises:
        OSError: no port is free, or the runtime folder cannot be written.
    """
    key = secrets.token_urlsafe(32)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            sockets = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
            if is_from_another_user(*sockets):
                return
            with contextlib.suppress(OSError, ValueError, EOFError, asyncio.LimitOverrunError):
                async with asyncio.timeout(LINE_TIMEOUT):
                    line = await reader.readuntil(b"\n")
                writer.write(_respond(store, key, line))
                await writer.drain()

    store.lost_until = remove_files_of_ended_servers()
    server = await asyncio.start_server(handle, _HOST, 0, limit=MAX_LINE)
    try:
        path = write_address(server.sockets[0].getsockname()[1], key)
    except OSError:
        server.close()
        raise
    store.on_change = lambda forgotten: stamp(
        path, valid_until=store.valid_until, forgotten=forgotten
    )
    store.on_change(False)
    atexit.register(_leave, store, path)
    return path


def _leave(store: TokenStore, path: Path) -> None:
    if time.time() >= store.valid_until:  # else the next server is to know that there was a sign-in
        path.unlink(missing_ok=True)


def _respond(store: TokenStore, key: str, line: bytes) -> bytes:
    try:
        request = json.loads(line)
        if not compare_digest(str(request.pop("key")).encode(), key.encode()):
            return b"{}\n"
        response = store.respond(request)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return b"{}\n"  # nothing of the line is repeated, it may hold a token
    return json.dumps(response).encode() + b"\n"
