"""Keep the sign-ins of this server's kernels in memory, until they end or are forgotten.

A restarted kernel, or another notebook of the same user, then needs no new sign-in. The store
listens on 127.0.0.1; who talks to it must know the key in a file that only this user can read.

Each refresh token is handed out once, as a lease, and the store then no longer has it. Nobody can
know whether MyID saw a refresh token whose holder is gone, so the chain ends with such a lease.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hmac import compare_digest
from itertools import count
from pathlib import Path
from typing import Any

from myid_notebook.machine.peer import is_from_another_user
from myid_notebook.machine.private_lines import (
    HOST,
    MAX_LINE,
    proof_of,
    read_line,
    write_line,
)
from myid_notebook.oauth.token_response import TokenResponse
from myid_notebook.secret import Secret
from myid_notebook.token_store.address import (
    MATCH_MEMBERS,
    VALIDITY,
    new_path,
    read_address,
    remove_files_of_ended_servers,
    token_from,
    write_address,
)

MAX_CHAINS = 100
"""Sign-ins in a store; the oldest is dropped for a new one."""

MAX_AGE = 6 * 24 * 3600.0
"""Seconds for which a sign-in is kept at most, renewed or not."""

LEASE_TIMEOUT = 30.0
"""Seconds a kernel may have a refresh token before its chain ends."""

LINE_TIMEOUT = 5.0
"""Seconds a kernel may take to send a line."""

LOOK_INTERVAL = 60.0
"""Seconds between two looks at the address file, and at sign-ins whose time has come."""

_tasks: set[asyncio.Task[None]] = set()  # asyncio itself keeps none alive

PathOf = Callable[[str], Awaitable[str | None]]
"""Returns the path of the notebook that a kernel belongs to; None if the kernel does not run."""

_MAX_ENDED = 1000
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
_BROKEN_OFF = "A renewal broke off, so its refresh token may be used up."


@dataclass(slots=True, kw_only=True)
class _Chain:
    id: str
    match: tuple[str, ...]  # the values of MATCH_MEMBERS
    shared: bool  # with every notebook
    operator: str | None
    until: float
    token: TokenResponse  # without its refresh token while that is lent
    kernels: set[str]  # of the notebook that signed in
    path: str  # of that notebook; empty once another file may be there
    takers: set[str] = field(default_factory=set)  # kernels of other notebooks
    counter: int = 0
    lease: int | None = None

    @property
    def is_renewable(self) -> bool:
        return self.lease is not None or self.token.refresh_token is not None

    def is_of(self, kernel: str, path: str) -> bool:
        return kernel in self.kernels or path == self.path != ""


class TokenStore:
    """The sign-ins, in memory.

    Args:
        across_notebooks: whether a notebook may get the sign-in of another one.
        refresh: whether refresh tokens are kept.
        clock: seconds since 1970 UTC.
    """

    def __init__(
        self,
        *,
        across_notebooks: bool = True,
        refresh: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._across_notebooks = across_notebooks
        self._refresh = refresh
        self._clock = clock
        self._chains: dict[str, _Chain] = {}  # the oldest first
        self._ended: OrderedDict[str, tuple[str, str]] = OrderedDict()  # reason, and what is now
        self._asking: dict[tuple[str, ...], tuple[str, int]] = {}  # kernel and number
        self._numbers = count(1)
        self._sees_files = False

    def respond(self, request: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Return the response to the request of a kernel.

        A ``lease`` or ``asking`` in it holds until ``release`` is called with that number.

        Args:
            request: as ``token_store/client.py`` makes it, with the key removed.
            path: of the notebook that the kernel belongs to; empty if it belongs to none.

        Raises:
            KeyError, TypeError, ValueError: it is malformed.
        """
        self.drop_what_is_over()
        kernel, path = request["kernel"], path.strip("/")
        answers = {
            "keep": self._keep,
            "find": self._find,
            "renew": self._renew,
            "forget": self._forget,
            "ended": lambda *_: {"reason": self._ended.get(request["chain"], ("", ""))[0]},
            "ask_person": self._ask_person,
        }
        return answers[request["do"]](request, kernel, path)

    def settle(self, number: int, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take back the refresh token of a lease, or what MyID sent for it.

        Args:
            number: of the lease.

        Raises:
            KeyError, TypeError, ValueError: the request is malformed.
        """
        chain = next((each for each in self._chains.values() if each.lease == number), None)
        if chain is None or request["lease"] != number:
            return {}
        if "unused" in request:
            chain.token = replace(chain.token, refresh_token=Secret(request["unused"]))
        else:
            token, subject = token_from(request["pair"]), chain.token.subject
            if None not in {token.subject, subject} and token.subject != subject:
                self._end(chain, "MyID sent the token of another person.")
                return {}
            chain.token = replace(token, subject=token.subject or subject)
            chain.counter += 1
        chain.lease = None
        return {"chain": [chain.id, chain.counter]}

    def release(self, number: int) -> None:
        """End a lease, and its chain if it was not settled; or let others ask that person."""
        for chain in [each for each in self._chains.values() if each.lease == number]:
            self._end(chain, _BROKEN_OFF)
        for key in [key for key, (_, held) in self._asking.items() if held == number]:
            del self._asking[key]

    def note_event(self, event: Mapping[str, Any]) -> None:
        """Follow the files of notebooks (``contents_service`` of Jupyter's events).

        Args:
            event: with ``action``, ``path``, and ``source_path`` of a renamed file or folder.
        """
        action, path = event["action"], event["path"].strip("/")
        self._sees_files = True
        if action in {"get", "save"}:
            return
        source = event.get("source_path", "").strip("/") if action == "rename" else ""
        for chain in self._chains.values():
            if source and _is_at_or_below(chain.path, source):
                chain.path = path + chain.path[len(source) :]
            elif _is_at_or_below(chain.path, path):
                chain.path = ""

    def drop_what_is_over(self) -> None:
        """Drop the sign-ins whose time has come."""
        now = self._clock()
        for chain in [*self._chains.values()]:
            if chain.until <= now:
                self._end(chain, "The sign-in was six days old, which is the limit.")
            elif not chain.is_renewable and not self._is_valid(chain):
                del self._chains[chain.id]

    def _keep(self, request: Mapping[str, Any], kernel: str, path: str) -> dict[str, Any]:
        token = token_from(request["token"])
        if not self._refresh:
            token = replace(token, refresh_token=None)
        if token.refresh_token is None and not (token.expires_at or 0) > self._clock():
            raise ValueError("nobody would know when to drop it")
        chain = _Chain(
            id=secrets.token_urlsafe(16),
            match=_match(request),
            shared=request["shared"] and self._across_notebooks,
            operator=request["operator"],
            until=self._clock() + MAX_AGE,
            token=token,
            kernels={kernel},
            path=path if self._sees_files else "",
        )
        replaced = self._current(request["replaces"], kernel, path)
        if replaced is not None and self._may_replace(replaced, chain):
            chain.takers = (replaced.kernels | replaced.takers) - {kernel}
            self._end(replaced, f"You signed in again in {_name(path)}.", chain.id)
        self._chains[chain.id] = chain
        if len(self._chains) > MAX_CHAINS:
            self._end(next(iter(self._chains.values())), "The token store had no room for it.")
        return {"chain": [chain.id, chain.counter]}

    def _may_replace(self, old: _Chain, new: _Chain) -> bool:
        person, (kernel,) = new.token.subject, new.kernels
        if person is None or (person, new.match) != (old.token.subject, old.match):
            return False
        others = old.takers if old.is_of(kernel, new.path) else old.kernels | old.takers
        return new.shared or others <= {kernel}

    def _find(self, request: Mapping[str, Any], kernel: str, path: str) -> dict[str, Any]:
        match, subject, renewable = _match(request), request["subject"], request["renewable"]
        fitting = [
            each
            for each in reversed(self._chains.values())
            if each.match == match
            and subject in {None, each.token.subject}
            and (self._is_valid(each) or (renewable and each.is_renewable))
        ]
        own = [each for each in fitting if each.is_of(kernel, path)]
        found = [*own, *(each for each in fitting if each.shared)]
        return self._hand_out(found[0], kernel, path) if found else {}

    def _renew(self, request: Mapping[str, Any], kernel: str, path: str) -> dict[str, Any]:
        known, counter = request["chain"], request["counter"]
        chain = self._current(known, kernel, path)
        if chain is None:
            return {"ended": self._ended[known][0]} if known in self._ended else {}
        if (chain.id != known or chain.counter != counter) and self._is_valid(chain):
            return self._hand_out(chain, kernel, path)
        if chain.lease is not None:
            return {"wait": True}
        refresh_token = chain.token.refresh_token
        if refresh_token is None:
            return {"ended": "The token store keeps no refresh token for this sign-in."}
        chain.token, chain.lease = replace(chain.token, refresh_token=None), next(self._numbers)
        return {"lease": chain.lease, "refresh_token": refresh_token}

    def _forget(self, request: Mapping[str, Any], kernel: str, path: str) -> dict[str, Any]:
        ended = [*self._chains.values()]
        if request["chain"] is not None:
            chain = self._current(request["chain"], kernel, path)
            ended = [] if chain is None else [chain]
        kernels: set[str] = set().union(*(each.kernels | each.takers for each in ended))
        tokens = [each.token.refresh_token for each in ended]
        what = "MyID refused its token" if request["refused"] is True else "You signed out"
        for each in ended:
            self._end(each, f"{what} in {_name(path)}.")
        return {
            "known": bool(ended),
            "kernels": sorted(kernels - {kernel}),
            "refresh_tokens": [token for token in tokens if token is not None],
        }

    def _ask_person(self, request: Mapping[str, Any], kernel: str, _path: str) -> dict[str, Any]:
        key = (*_match(request), request["subject"])
        asking, _ = self._asking.get(key, (kernel, 0))
        if asking != kernel:
            return {"wait": True}
        number = next(self._numbers)
        if request["shared"] and self._across_notebooks:  # else it would help nobody
            self._asking[key] = kernel, number
        return {"asking": True, "number": number}

    def _hand_out(self, chain: _Chain, kernel: str, path: str) -> dict[str, Any]:
        same_notebook = chain.is_of(kernel, path)
        (chain.kernels if same_notebook else chain.takers).add(kernel)
        return {
            "token": asdict(replace(chain.token, refresh_token=None)),
            "operator": chain.operator,
            "same_notebook": same_notebook,
            "chain": [chain.id, chain.counter],
            "renewable": chain.is_renewable,
        }

    def _current(self, given: str, kernel: str, path: str) -> _Chain | None:
        known = given
        while known in self._ended:  # the one that has replaced it
            known = self._ended[known][1]
        chain = self._chains.get(known)
        if chain is None or known == given or chain.shared or chain.is_of(kernel, path):
            return chain
        return None

    def _is_valid(self, chain: _Chain) -> bool:
        return chain.token.expires_at is None or chain.token.expires_at > self._clock()

    def _end(self, chain: _Chain, reason: str, replaced_by: str = "") -> None:
        del self._chains[chain.id]
        self._ended[chain.id] = reason, replaced_by
        while len(self._ended) > _MAX_ENDED:
            self._ended.popitem(last=False)


def _match(request: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(request["match"][name] for name in MATCH_MEMBERS)


def _name(path: str) -> str:
    return path.rpartition("/")[2] or "another notebook"


def _is_at_or_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


async def serve(store: TokenStore, path_of: PathOf) -> Path:
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
            with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, *_MALFORMED):
                nonce = (await read_line(reader, LINE_TIMEOUT))["nonce"]
                await write_line(writer, {"proof": proof_of(key, nonce, sockets[1][1])})
                request = await read_line(reader, LINE_TIMEOUT)
                if compare_digest(str(request.pop("key")).encode(), key.encode()):
                    await _respond(store, path_of, request, reader, writer)

    remove_files_of_ended_servers()
    server = await asyncio.start_server(handle, HOST, 0, limit=MAX_LINE)
    path = new_path()
    try:
        write_address(path, server.sockets[0].getsockname()[1], key)
    except OSError:
        server.close()
        raise
    atexit.register(path.unlink, missing_ok=True)
    _tasks.add(asyncio.create_task(_watch(server, store, path, key)))
    return path


async def _watch(server: asyncio.Server, store: TokenStore, path: Path, key: str) -> None:
    async with server:
        port = server.sockets[0].getsockname()[1]
        while True:
            await asyncio.sleep(LOOK_INTERVAL)
            store.drop_what_is_over()
            found = read_address(path)  # gone if somebody has cleaned the folder
            if found is None or found.valid_until < time.time() + VALIDITY / 2:
                with contextlib.suppress(OSError):
                    write_address(path, port, key)


async def _respond(
    store: TokenStore,
    path_of: PathOf,
    request: dict[str, Any],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    path = await path_of(request["kernel"]) or ""
    try:
        response = store.respond(request, path)
    except _MALFORMED:
        response = {}  # nothing of the line is repeated, it may hold a token
    number = response.get("lease") or response.pop("number", 0)
    try:
        if "kernels" in response:
            paths = [await path_of(kernel) for kernel in response.pop("kernels")]
            response["notebooks"] = sorted({_name(p) for p in paths if p not in {None, path}})
        await write_line(writer, response)
        if "lease" in response:
            await write_line(writer, store.settle(number, await read_line(reader, LEASE_TIMEOUT)))
        elif "asking" in response:
            await reader.read()  # until the kernel closes the connection
    finally:
        store.release(number)
